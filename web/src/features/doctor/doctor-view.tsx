import { PanalError } from "@panal/sdk";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, Info, RotateCw } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { useFormats } from "../../ui/use-formats.ts";
import { useTransfersStore } from "../transfers/index.ts";
import {
  checkPicker,
  checkSecure,
  checkServiceWorker,
  checkStorage,
  checkTracker,
  type Finding,
} from "./checks.ts";
import { PeerChecks } from "./peer-checks.tsx";

/** What works in this browser at this address, found out by trying. */
export function DoctorView() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const store = useTransfersStore();
  const again = () => {
    void client.invalidateQueries({ queryKey: ["doctor"] });
    void client.invalidateQueries({ queryKey: ["reach"] });
    void client.invalidateQueries({ queryKey: ["peers"] });
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title={t("doctor.title")}>
        <Button icon={<RotateCw />} onClick={again}>
          <span className="max-sm:sr-only">{t("doctor.again")}</span>
        </Button>
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-5">
        <div className="max-w-2xl">
          <p className="mb-3 text-muted">{t("doctor.lead")}</p>
          <ul className="divide-y divide-line">
            <Check name="tracker" title={t("doctor.tracker")} run={checkTracker} />
            <Check name="secure" title={t("doctor.secure")} run={checkSecure} />
            <Check name="storage" title={t("doctor.storage")} run={checkStorage} />
            <Check name="picker" title={t("doctor.picker")} run={checkPicker} />
            <Check name="worker" title={t("doctor.worker")} run={checkServiceWorker} />
            <EngineCheck ping={() => store.ping()} />
          </ul>
          <PeerChecks />
        </div>
      </div>
    </div>
  );
}

interface CheckProps {
  name: string;
  title: string;
  run(signal: AbortSignal): Finding | Promise<Finding>;
}

function Check({ name, title, run }: CheckProps) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const check = useQuery({
    queryKey: ["doctor", name],
    queryFn: ({ signal }) => run(signal),
    retry: false,
    gcTime: 0,
    staleTime: 0,
  });
  if (check.isError) {
    const { code, message } = PanalError.from(check.error);
    return <Result look="bad" title={title} text={t(`error.${code}`)} detail={message} />;
  }
  if (check.data === undefined) return <Result look="pending" title={title} text={t("peers.checking")} />;
  return <Result title={title} {...sentence(check.data)} />;
}

/** What a finding means, in words. */
function useSentence(): (finding: Finding) => { look: Look; text: string; action?: ReactNode } {
  const { t } = useTranslation();
  const formats = useFormats();
  return (finding) => {
    switch (finding.type) {
      case "tracker":
        return { look: "good", text: t("doctor.trackerOk", { ms: formats.milliseconds(finding.ms) }) };
      case "secure":
        return finding.isSecure
          ? { look: "good", text: t("doctor.secureOk") }
          : { look: "bad", text: t("doctor.secureBad") };
      case "storage":
        return {
          look: "good",
          text: `${t("doctor.storageOk", { free: formats.bytes(finding.freeBytes) })} ${t(finding.isPersisted ? "doctor.storageKept" : "doctor.storageLoose")}`,
          ...(finding.isPersisted ? {} : { action: <KeepButton /> }),
        };
      case "storage-missing":
        return { look: "bad", text: t("doctor.storageBad", { why: t("doctor.storageInsecure") }) };
      case "service-worker":
        switch (finding.state) {
          case "running":
            return { look: "good", text: t("doctor.workerOk") };
          case "waiting":
            return { look: "note", text: t("doctor.workerWaiting") };
          case "missing":
            return { look: "note", text: t("doctor.workerMissing") };
        }
      case "picker":
        if (finding.isThere) return { look: "good", text: t("doctor.pickerOk") };
        return { look: "note", text: t(window.isSecureContext ? "doctor.pickerNo" : "doctor.pickerBad") };
    }
  };
}

/** Asks the browser not to clear what is here when its disk runs full. */
function KeepButton() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isRefused, setRefused] = useState(false);
  async function keep(): Promise<void> {
    setRefused(!(await navigator.storage.persist()));
    await client.invalidateQueries({ queryKey: ["doctor", "storage"] });
  }
  return isRefused ? (
    <p role="status" className="text-honey-ink">
      {t("doctor.storageRefused")}
    </p>
  ) : (
    <Button onClick={() => void keep()}>{t("doctor.storageKeep")}</Button>
  );
}

function EngineCheck({ ping }: { ping: () => Promise<void> }) {
  const { t } = useTranslation();
  const check = useQuery({
    queryKey: ["doctor", "engine"],
    queryFn: async () => {
      await ping();
      return true;
    },
    retry: false,
    gcTime: 0,
    staleTime: 0,
  });
  const title = t("doctor.engine");
  if (check.isError) {
    const { message } = PanalError.from(check.error);
    return <Result look="bad" title={title} text={t("doctor.engineBad", { why: message })} />;
  }
  if (check.data === undefined) return <Result look="pending" title={title} text={t("peers.checking")} />;
  return <Result look="good" title={title} text={t("doctor.engineOk")} />;
}

type Look = "good" | "bad" | "note" | "pending";

const ICONS: Record<Look, ReactNode> = {
  good: <CircleCheck className="text-verified-ink" />,
  bad: <CircleAlert className="text-failed-ink" />,
  note: <Info className="text-honey-ink" />,
  pending: <CircleDashed className="text-muted" />,
};

function Result(props: { look: Look; title: string; text: string; detail?: string; action?: ReactNode }) {
  return (
    <li className="flex gap-3 py-3 [&_svg]:mt-px [&_svg]:size-5 [&_svg]:shrink-0" data-look={props.look}>
      <span aria-hidden="true">{ICONS[props.look]}</span>
      <div className="min-w-0">
        <div className="font-medium">{props.title}</div>
        <div className="text-muted wrap-anywhere" title={props.detail}>
          {props.text}
        </div>
        {props.action === undefined ? null : <div className="mt-2">{props.action}</div>}
      </div>
    </li>
  );
}
