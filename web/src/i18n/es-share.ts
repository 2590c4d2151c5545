import type { enShare } from "./en-share.ts";

/** Spanish counts millions apart ("un millón de archivos"). */
export type ManyOf<Key> = Key extends `${infer Base}_other` ? `${Base}_many` : never;

type ShareKey = keyof typeof enShare;

export const esShare: Record<ShareKey | ManyOf<ShareKey>, string> = {
  "share.title": "Compartir archivos",
  "share.fromTab": "Desde esta pestaña",
  "share.fromTabLead":
    "Otros encuentran estos archivos y los obtienen de esta pestaña, a través del relé del tracker, mientras esté abierta. No se guarda nada en otro sitio.",
  "share.drop": "Suelta archivos o una carpeta en cualquier parte de esta página, o elígelos.",
  "share.chooseFiles": "Elegir archivos",
  "share.chooseFolder": "Elegir una carpeta",
  "share.peerName": "Nombre que ven los demás",
  "share.someTab": "Una pestaña",
  "share.notKept": "Este navegador no puede recordar lo que elijas: tras recargar, elígelo de nuevo.",
  "share.seed": "Compartir también lo que descargo aquí",
  "share.seedNote":
    "Otros lo obtienen de esta pestaña: lo que ha llegado mientras llega, y todo hasta que se quita de las descargas.",
  "share.seedMetered": "Ahora no: esta red es de uso medido. Actívalo para compartir de todos modos.",
  "share.downloaded": "descargado aquí",
  "share.growing": "se está descargando aquí: se comparte lo que ha llegado",
  "share.noWorker": "La parte de esta página que comparte no arranca o se ha detenido. Recarga la página.",
  "share.otherTab":
    "Otra pestaña de este navegador está compartiendo. Añade tus archivos allí, o ciérrala y recarga esta página.",
  "share.kept": "Compartido antes: {{names}}",
  "share.keptMore_one": "Compartido antes: {{names}} y {{count}} más",
  "share.keptMore_many": "Compartido antes: {{names}} y {{count}} más",
  "share.keptMore_other": "Compartido antes: {{names}} y {{count}} más",
  "share.resume": "Compartir de nuevo",
  "share.forget": "Olvidar",
  "share.refused": "El navegador no obtuvo permiso para leer una parte: no se comparte.",
  "share.isShared": "Otros pueden encontrarlo.",
  "share.seeAsOthers": "Verlo como los demás",
  "share.connecting": "Conectando con el tracker.",
  "share.away": "Por ahora no se encuentra; se vuelve a intentar solo: {{why}}",
  "share.noRelay":
    "Este tracker no tiene relé, así que nadie podría obtener nada de una pestaña. Pídelo a quien lo administra, o comparte con el comando de abajo.",
  "share.replaced": "Otro proceso responde en lugar de esta pestaña. Detén y comparte de nuevo.",
  "share.stopAll": "Dejar de compartir",
  "share.shared": "Compartido desde este navegador",
  "share.remove": "Dejar de compartir {{name}}",
  "share.files_one": "{{formatted}} archivo",
  "share.files_many": "{{formatted}} archivos",
  "share.files_other": "{{formatted}} archivos",
  "share.failedFiles_one": "{{formatted}} archivo no se puede compartir",
  "share.failedFiles_many": "{{formatted}} archivos no se pueden compartir",
  "share.failedFiles_other": "{{formatted}} archivos no se pueden compartir",
  "share.failed": "No se comparte: {{why}}",
  "share.waiting": "En espera",
  "share.hashing": "Leyendo {{name}}",
  "share.readers": "Quién está obteniendo",
  "share.noReaders": "Nadie en este momento.",
  "share.sent": "{{size}} enviados, {{speed}}",
  "share.someone": "Alguien",
  "share.byCommand": "Con un comando",
  "share.lead":
    "Ejecuta esto en el equipo cuya carpeta quieres compartir, dentro de una copia de Panal. Mientras funcione, sus archivos se encuentran aquí.",
  "share.copyCommand": "Copiar la orden",
  "share.replace": "Pon tu propia carpeta en lugar del nombre en mayúsculas.",
  "share.stays":
    "No se sube nada. Los archivos se quedan donde están; quien descarga uno lo trae de ese equipo, y cada pieza se comprueba.",
  "share.stop": "Ctrl-C lo termina, y sus archivos desaparecen de la búsqueda al momento.",
  "share.loopback":
    "Esta página está abierta en una dirección que solo sirve en este equipo. Para los demás, ábrela en la dirección del tracker en tu red y copia allí la orden.",
};
