/** Words for saving many files at once. */
export const enSaving = {
  "select.begin": "Select files",
  "select.bar": "Selection",
  "select.file": "Select {{name}}",
  "select.none": "Nothing selected",
  "select.count_one": "{{formatted}} file selected",
  "select.count_other": "{{formatted}} files selected",
  "select.full": "More can't be saved at once.",
  "select.gone_one": "{{formatted}} of them nobody has any more: it isn't saved.",
  "select.gone_other": "{{formatted}} of them nobody has any more: they aren't saved.",
  "select.all": "Select all",
  "select.shown": "Select the {{formatted}} shown",
  "select.copy": "Copy the links",
  "select.save": "Save",
  "select.saveTitle": "Save the selection",
  "select.batch": "Panal selection",
  "select.end": "End the selection",

  "way.straight": "Straight to downloads",
  "way.picked": "You choose where it goes, and each piece is written straight there. It can be paused.",
  "way.browser":
    "Download: this browser lets no page write into a file you choose, so it keeps the file until it is whole, then hands it to its downloads. It can be paused, and goes on after a crash.",
  "way.stream":
    "Straight to downloads: without a copy in the browser, checked on the way. It can't be paused, and this page has to stay open.",
  "way.streamRoom":
    "Straight to downloads: this browser hasn't the room to keep the file until it is whole. Checked on the way; it can't be paused, and this page has to stay open.",

  "save.folder": "Save folder",
  "save.title": "Save {{name}}",
  "save.collecting": "Looking through the folder",
  "save.checking": "Looking at what is there already",
  "save.tooMany": "There are more files than can be saved at once. Open one of its folders, and save that.",
  "save.tree": "Into a folder",
  "save.treeWhy":
    "Each file goes straight to its place and is checked piece by piece. It can be paused, and goes on after a crash.",
  "save.zip": "As one ZIP",
  "save.zipWhy":
    "Goes to your browser's downloads, checked on the way. It can't be paused, and this page has to stay open.",
  "save.zipOnlyWhy":
    "This browser lets no page write into folders, so all goes to its downloads as one ZIP, checked on the way. It can't be paused, and this page has to stay open.",
  "save.insecure":
    "This page came over plain http, where browsers let no page save many files. Open the tracker through https, or take each file straight from its peer.",
  "save.clash": "{{name}} is there already, with other content.",
  "save.forAll": "The same for all others",
  "save.keepBoth": "Keep both",
  "save.replace": "Replace",
  "save.skip": "Skip",
  "save.show": "Show transfers",
  "save.started_one": "{{formatted}} file is being fetched",
  "save.started_other": "{{formatted}} files are being fetched",
  "save.same_one": "{{formatted}} file was there already, with the same content",
  "save.same_other": "{{formatted}} files were there already, with the same content",
  "save.skipped_one": "{{formatted}} file was skipped",
  "save.skipped_other": "{{formatted}} files were skipped",
  "save.running": "on its way to your downloads",
  "save.done": "Every piece verified, all in your downloads",
  "save.cancelled": "Stopped: what your browser has of it isn't whole",
} as const;
