/** Numbers as people of a language write them. */
export interface Formats {
  /** `536.9 MB`: decimal units, one decimal from a kilobyte on. */
  bytes(bytes: number): string;
  speed(bytesPerSecond: number): string;
  count(count: number): string;
  /** 0 to 1, rounded down, so that 100 % means all of it. */
  percent(fraction: number): string;
  /** `2 min`, `1 hr 5 min`: two units at most. */
  duration(seconds: number): string;
  /** `3 days ago`. */
  age(time: string, nowMs: number): string;
  dateTime(time: string): string;
  milliseconds(ms: number): string;
  list(items: readonly string[]): string;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;
const NO_BREAK_SPACE = "\u00a0";

export function createFormats(locale: string): Formats {
  // Each is made when it is first used: together they take as long as drawing a list.
  const whole = once(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));
  const oneDecimal = once(
    () => new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  );
  const percent = once(() => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }));
  const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));
  const dateTime = once(() => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }));
  const list = once(() => new Intl.ListFormat(locale, { type: "conjunction" }));
  const unit = (value: number, name: "second" | "minute" | "hour" | "day" | "millisecond") =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: 0,
    }).format(value);

  function bytes(value: number): string {
    let scaled = value;
    let step = 0;
    // 999.95 would be shown as 1000.0.
    while (scaled >= (step === 0 ? 1000 : 999.95) && step < UNITS.length - 1) {
      scaled /= 1000;
      step++;
    }
    return `${(step === 0 ? whole : oneDecimal)().format(scaled)}${NO_BREAK_SPACE}${UNITS[step]}`;
  }

  return {
    bytes,
    speed: (bytesPerSecond) => `${bytes(bytesPerSecond)}/s`,
    // Below a thousand every language we speak writes the digits alone.
    count: (count) => (count < 1000 ? String(count) : whole().format(count)),
    percent: (fraction) => percent().format(Math.floor(fraction * 100 + 1e-9) / 100),
    duration(seconds) {
      const total = Math.max(1, Math.ceil(seconds));
      if (total < 60) return unit(total, "second");
      const minutes = Math.round(total / 60);
      if (minutes < 60) return unit(minutes, "minute");
      const hours = Math.floor(minutes / 60);
      if (hours < 24)
        return minutes % 60 === 0
          ? unit(hours, "hour")
          : `${unit(hours, "hour")} ${unit(minutes % 60, "minute")}`;
      return unit(Math.round(hours / 24), "day");
    },
    age(time, nowMs) {
      const seconds = Math.round((nowMs - Date.parse(time)) / 1000);
      if (!Number.isFinite(seconds)) return "";
      // A clock that is ahead of ours is no news.
      if (seconds < 60) return relative().format(0, "second");
      if (seconds < 3600) return relative().format(-Math.floor(seconds / 60), "minute");
      if (seconds < 86_400) return relative().format(-Math.floor(seconds / 3600), "hour");
      const days = Math.floor(seconds / 86_400);
      if (days < 30) return relative().format(-days, "day");
      if (days < 365) return relative().format(-Math.floor(days / 30), "month");
      return relative().format(-Math.floor(days / 365), "year");
    },
    dateTime(time) {
      const ms = Date.parse(time);
      return Number.isFinite(ms) ? dateTime().format(ms) : "";
    },
    milliseconds: (ms) => unit(Math.max(1, Math.round(ms)), "millisecond"),
    list: (items) => list().format(items),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
