import { Menu } from "@base-ui/react/menu";
import { Check, Stethoscope } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { navigate } from "wouter/use-browser-location";
import { chooseLanguage } from "./i18n.ts";
import { isLanguage, LANGUAGES } from "./language.ts";
import { SettingsTrigger } from "./settings-button.tsx";
import { chooseTheme, storedTheme, THEMES } from "./theme.ts";

const ITEM =
  "flex h-9 items-center gap-2 rounded-lg pr-3 pl-8 outline-none data-highlighted:bg-sunken relative select-none";

/** Language, appearance, and the way to the checks; open when it comes. */
export function AppMenu() {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger render={<SettingsTrigger />} />
      {/* Within the navigation, so that it is in a landmark as well. */}
      <Menu.Portal container={document.querySelector("nav")}>
        <Menu.Positioner side="top" align="end" sideOffset={6} className="z-50">
          <Menu.Popup className="motion-rise w-60 rounded-2xl border border-line bg-raised p-1.5 text-sm shadow-sheet outline-none">
            <Group label={t("menu.language")}>
              <Menu.RadioGroup
                value={i18n.language}
                onValueChange={(value: unknown) => {
                  // Texts that can't be fetched: the language stays, and the menu shows which it is.
                  if (typeof value === "string" && isLanguage(value)) chooseLanguage(value).catch(() => {});
                }}
              >
                {Object.entries(LANGUAGES).map(([code, name]) => (
                  <RadioItem key={code} value={code} label={name} lang={code} />
                ))}
              </Menu.RadioGroup>
            </Group>
            <Menu.Separator className="my-1.5 h-px bg-line" />
            <Group label={t("menu.theme")}>
              <Menu.RadioGroup
                value={theme}
                onValueChange={(value: unknown) => {
                  const chosen = THEMES.find((name) => name === value) ?? "system";
                  setTheme(chosen);
                  chooseTheme(chosen);
                }}
              >
                {THEMES.map((name) => (
                  <RadioItem key={name} value={name} label={t(`theme.${name}`)} />
                ))}
              </Menu.RadioGroup>
            </Group>
            <Menu.Separator className="my-1.5 h-px bg-line" />
            <Menu.Item className={ITEM} onClick={() => navigate("/doctor")}>
              <Stethoscope className="absolute left-2.5 size-4 text-muted" aria-hidden="true" />
              {t("nav.doctor")}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Menu.Group>
      <Menu.GroupLabel className="px-2.5 pt-1.5 pb-1 text-xs text-muted">{label}</Menu.GroupLabel>
      {children}
    </Menu.Group>
  );
}

function RadioItem({ value, label, lang }: { value: string; label: string; lang?: string }) {
  return (
    <Menu.RadioItem className={ITEM} value={value} lang={lang} closeOnClick>
      <Menu.RadioItemIndicator className="absolute left-2.5 inline-flex">
        <Check className="size-4 text-honey-ink" aria-hidden="true" />
      </Menu.RadioItemIndicator>
      {label}
    </Menu.RadioItem>
  );
}
