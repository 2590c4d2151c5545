import { baseName, displayName, type FileId, mediaTypeOf } from "@panal/sdk/content";
import { ArrowLeft, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { closeFile, usePlace } from "../../app/place.ts";
import { IconButton } from "../../ui/button.tsx";
import { useIsWide } from "../../ui/use-media.ts";
import { TransferPanel, useTransfer } from "../transfers/index.ts";
import { FileActions } from "./file-actions.tsx";
import { FileFacts } from "./file-facts.tsx";
import { FileNames } from "./file-names.tsx";
import { FilePeers } from "./file-peers.tsx";
import { useFile } from "./use-file.ts";

interface FileSheetProps {
  fileId: FileId;
  /** The name of the row that was clicked, if one was. */
  openedAs: string | undefined;
}

/** A file: what it is, who has it, and its download. Beside the list, or a page of its own on a phone. */
export function FileSheet({ fileId, openedAs }: FileSheetProps) {
  const { t } = useTranslation();
  const file = useFile(fileId);
  const transfer = useTransfer(fileId);
  const names = [...new Set((file.data?.names ?? []).map(({ path }) => baseName(path)))];
  const knownName = transfer?.name ?? nameToShow(names, openedAs);
  const name = knownName ?? fileId;
  const isWide = useIsWide();
  const { isWatched } = usePlace();
  // On a phone the list is hidden, and this is what the page is about.
  const Sheet = isWide || isWatched ? "aside" : "main";

  return (
    <Sheet
      aria-label={t("file.sheet")}
      className="motion-arrive flex min-h-0 min-w-0 flex-1 flex-col bg-raised lg:max-w-[27.5rem] lg:basis-[27.5rem] lg:border-l lg:border-line"
    >
      <title>{`${knownName === undefined ? t("file.sheet") : displayName(knownName)} · Panal`}</title>
      <Header title={knownName === undefined ? t("file.sheet") : displayName(knownName)} />
      <div className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 pb-8">
        <FileFacts fileId={fileId} kind={file.data?.kind ?? mediaTypeOf(name).kind} />
        <FileActions fileId={fileId} name={name} file={file} transfer={transfer} />
        {transfer === undefined ? null : <TransferPanel transfer={transfer} />}
        <FilePeers file={file} transfer={transfer} />
        <FileNames names={names.filter((other) => other !== name)} fileId={fileId} />
      </div>
    </Sheet>
  );
}

function nameToShow(names: readonly string[], openedAs: string | undefined): string | undefined {
  return openedAs !== undefined && (names.length === 0 || names.includes(openedAs)) ? openedAs : names[0];
}

function Header({ title }: { title: string }) {
  const { t } = useTranslation();
  const isWide = useIsWide();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The list is out of sight: whoever can't see the page must be told.
    if (!isWide) heading.current?.focus();
  }, [isWide]);
  return (
    <header className="flex items-start gap-1 px-5 pt-3 pb-1">
      {isWide ? null : (
        <IconButton className="-ml-3" label={t("common.back")} icon={<ArrowLeft />} onClick={closeFile} />
      )}
      <h1
        ref={heading}
        tabIndex={-1}
        className="min-w-0 flex-1 pt-1.5 text-base leading-snug font-semibold wrap-anywhere outline-none"
      >
        <bdi>{title}</bdi>
      </h1>
      {isWide ? (
        <IconButton className="-mr-2" label={t("file.close")} icon={<X />} onClick={closeFile} />
      ) : null}
    </header>
  );
}
