/** Words for saving many files at once. */
export const enSaving = {
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
