import "@fontsource-variable/inter/index.css";
import "./app/styles.css";
import { askForFirstList } from "./app/first-list.ts";
import { firstLanguage, loadTexts } from "./app/language.ts";
import { startTheme } from "./app/theme.ts";

// Small, so that it runs before the app is there: what the app will wait for is under way by then.
startTheme();
askForFirstList(location);
// Whoever needs them says so if they can't be had.
loadTexts(firstLanguage()).catch(() => {});

const { startApp } = await import("./app/start.tsx");
await startApp();
