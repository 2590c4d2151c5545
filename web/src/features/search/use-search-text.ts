import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { usePeers } from "../../app/peers.ts";
import { DATE_TEXTS, SIZE_TEXTS } from "./filter-bar.tsx";
import { parseSearch } from "./search-query.ts";

/** A remembered search in a few words: "bees · Videos · over 1 GB". */
export function useSearchText(url: string): string {
  const { t } = useTranslation();
  const { data } = usePeers();
  const { words, kind, size, date, peer } = parseSearch(url.slice(1));
  const name = data?.pages.flatMap((page) => page.peers).find(({ peerId }) => peerId === peer)?.name;
  return [
    ...(words === "" ? [] : [displayName(words)]),
    ...(kind === undefined ? [] : [t(`filter.${kind}`)]),
    ...(size === undefined ? [] : [t(SIZE_TEXTS[size])]),
    ...(date === undefined ? [] : [t(DATE_TEXTS[date])]),
    ...(peer === undefined ? [] : [name === undefined ? t("filter.peerGone") : displayName(name)]),
  ].join(" · ");
}
