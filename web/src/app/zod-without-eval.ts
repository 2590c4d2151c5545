import { config } from "zod";

// Zod tries whether it may compile its schemas with `new Function`; our content security policy forbids it, and the
// browser would report each try as an attack.
config({ jitless: true });
