import { displayName } from "@panal/sdk/content";
import { useTranslation } from "react-i18next";
import { PieceMark } from "../../engine/engine-api.ts";
import { type CombLayout, piecesOfCell } from "../../ui/comb-layout.ts";
import { useFormats } from "../../ui/use-formats.ts";
import { FROM_BEFORE, type PieceBoard } from "./piece-board.ts";
import type { TransferSource } from "./transfer-state.ts";

/** Tells what a cell of a comb is: its piece, whether it is here, and from whom. */
export function useCellText(board: PieceBoard, sources: readonly TransferSource[]) {
  const { t } = useTranslation();
  const formats = useFormats();

  function nameOf(index: number): string {
    return displayName(sources.find((source) => source.index === index)?.name ?? "");
  }

  function comingFrom(index: number): string {
    const bytesPerSecond = sources.find((source) => source.index === index)?.bytesPerSecond ?? 0;
    const text = t("transfer.cellRequested", { name: nameOf(index) });
    return bytesPerSecond === 0 ? text : `${text}, ${formats.speed(bytesPerSecond)}`;
  }

  function stateOf(piece: number): string {
    const source = board.sources[piece]!;
    switch (board.marks[piece]) {
      case PieceMark.verified:
        return source === FROM_BEFORE
          ? t("transfer.cellBefore")
          : t("transfer.cellVerified", { name: nameOf(source) });
      case PieceMark.requested:
        return comingFrom(source);
      case PieceMark.failed:
        return t("transfer.cellFailed", { name: nameOf(source) });
      default:
        return t("transfer.cellAbsent");
    }
  }

  return (layout: CombLayout, cell: number): string => {
    const { start, end } = piecesOfCell(layout, cell, board.pieceCount);
    if (end - start <= 1)
      return `${t("transfer.cell", { piece: formats.count(start + 1) })}: ${stateOf(start)}`;
    const done = board.marks.slice(start, end).filter((mark) => mark === PieceMark.verified).length;
    const cells = t("transfer.cells", { first: formats.count(start + 1), last: formats.count(end) });
    return `${cells}: ${t("transfer.cellPart", { done, total: end - start })}`;
  };
}
