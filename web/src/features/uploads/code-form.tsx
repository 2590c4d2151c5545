import { PanalError } from "@panal/sdk";
import { KeyRound } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UploadPeer } from "../../uploading/uploading-api.ts";
import { Button } from "../../ui/button.tsx";
import { failureText } from "./failure-text.ts";
import { parseUploadCode, uploadCodes } from "./upload-codes.ts";
import { useCodeCheck } from "./use-uploads.ts";

/** The code a peer takes files with: asked for until it is the right one, then remembered until somebody says otherwise. */
export function CodeForm({ peer }: { peer: UploadPeer }) {
  const { t } = useTranslation();
  const check = useCodeCheck(peer);
  if (peer.code === undefined || check.data === false)
    return <Ask peer={peer} isWrong={check.data === false} />;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <p role="status" className="flex items-center gap-2 text-muted">
        <KeyRound className="size-4 shrink-0" aria-hidden="true" />
        {check.isPending
          ? t("upload.checking")
          : check.isError
            ? t("upload.codeUnchecked", { why: failureText(t, PanalError.from(check.error)) })
            : t("upload.codeKnown")}
      </p>
      {check.isError ? (
        <Button look="quiet" onClick={() => void check.refetch()}>
          {t("common.again")}
        </Button>
      ) : null}
      <Button look="quiet" onClick={() => uploadCodes.set(peer.peerId, undefined)}>
        {t("upload.forgetCode")}
      </Button>
    </div>
  );
}

function Ask({ peer, isWrong }: { peer: UploadPeer; isWrong: boolean }) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState("");
  const code = parseUploadCode(text);

  function use(event: FormEvent): void {
    event.preventDefault();
    if (code !== undefined) uploadCodes.set(peer.peerId, code);
  }

  return (
    <form onSubmit={use} className="flex flex-col gap-2 rounded-xl border border-line bg-sunken p-4">
      <p id={`${id}-hint`}>{t("upload.codeHint")}</p>
      <div className="flex flex-wrap items-end gap-2">
        <label className="flex flex-col gap-1 text-sm">
          {t("upload.code")}
          <input
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-invalid={isWrong}
            aria-describedby={isWrong ? `${id}-wrong` : `${id}-hint`}
            className="h-10 w-64 max-w-full rounded-lg border border-line-strong bg-paper px-3 font-mono"
          />
        </label>
        <Button type="submit" look="primary" disabled={code === undefined}>
          {t("upload.useCode")}
        </Button>
      </div>
      {isWrong ? (
        <p id={`${id}-wrong`} role="alert" className="text-failed-ink">
          {t("upload.wrongCode")}
        </p>
      ) : null}
    </form>
  );
}
