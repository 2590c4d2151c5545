/** Palabras para guardar muchos archivos a la vez. */
export const esSaving = {
  "select.begin": "Seleccionar archivos",
  "select.bar": "Selección",
  "select.file": "Seleccionar {{name}}",
  "select.none": "Nada seleccionado",
  "select.count_one": "{{formatted}} archivo seleccionado",
  "select.count_other": "{{formatted}} archivos seleccionados",
  "select.count_many": "{{formatted}} archivos seleccionados",
  "select.full": "No se pueden guardar más de una vez.",
  "select.gone_one": "{{formatted}} ya no lo tiene nadie: no se guarda.",
  "select.gone_other": "{{formatted}} ya no los tiene nadie: no se guardan.",
  "select.gone_many": "{{formatted}} ya no los tiene nadie: no se guardan.",
  "select.all": "Seleccionar todo",
  "select.shown": "Seleccionar los {{formatted}} mostrados",
  "select.copy": "Copiar los enlaces",
  "select.save": "Guardar",
  "select.saveTitle": "Guardar la selección",
  "select.batch": "Selección de Panal",
  "select.end": "Terminar la selección",

  "way.straight": "Directo a descargas",
  "way.picked": "Tú eliges dónde va, y cada pieza se escribe ahí directamente. Se puede pausar.",
  "way.browser":
    "Descargar: este navegador no deja a las páginas escribir en un archivo que elijas, así que lo guarda hasta que está entero y luego lo pasa a sus descargas. Se puede pausar y sigue después de un fallo.",
  "way.stream":
    "Directo a descargas: sin copia en el navegador, comprobado por el camino. No se puede pausar, y esta página debe seguir abierta.",
  "way.streamRoom":
    "Directo a descargas: este navegador no tiene sitio para guardar el archivo hasta que esté entero. Comprobado por el camino; no se puede pausar, y esta página debe seguir abierta.",

  "save.folder": "Guardar carpeta",
  "save.title": "Guardar {{name}}",
  "save.collecting": "Recorriendo la carpeta",
  "save.checking": "Mirando lo que ya está",
  "save.tooMany":
    "Hay más archivos de los que se pueden guardar de una vez. Abre una de sus carpetas y guarda esa.",
  "save.tree": "En una carpeta",
  "save.treeWhy":
    "Cada archivo va directo a su sitio y se comprueba pieza a pieza. Se puede pausar y sigue después de un fallo.",
  "save.zip": "Como un ZIP",
  "save.zipWhy":
    "Va a las descargas de tu navegador, comprobado por el camino. No se puede pausar, y esta página debe seguir abierta.",
  "save.zipOnlyWhy":
    "Este navegador no deja a las páginas escribir en carpetas; todo va a sus descargas como un ZIP, comprobado por el camino. No se puede pausar, y esta página debe seguir abierta.",
  "save.insecure":
    "Esta página llegó por http sin cifrar, donde los navegadores no dejan guardar muchos archivos. Abre el tracker por https o toma cada archivo directamente de su equipo.",
  "save.clash": "{{name}} ya está ahí, con otro contenido.",
  "save.forAll": "Lo mismo para todos los demás",
  "save.keepBoth": "Conservar ambos",
  "save.replace": "Reemplazar",
  "save.skip": "Omitir",
  "save.show": "Ver descargas",
  "save.started_one": "Se descarga {{formatted}} archivo",
  "save.started_other": "Se descargan {{formatted}} archivos",
  "save.started_many": "Se descargan {{formatted}} archivos",
  "save.same_one": "{{formatted}} archivo ya estaba, con el mismo contenido",
  "save.same_other": "{{formatted}} archivos ya estaban, con el mismo contenido",
  "save.same_many": "{{formatted}} archivos ya estaban, con el mismo contenido",
  "save.skipped_one": "Se omitió {{formatted}} archivo",
  "save.skipped_other": "Se omitieron {{formatted}} archivos",
  "save.skipped_many": "Se omitieron {{formatted}} archivos",
  "save.running": "de camino a tus descargas",
  "save.done": "Cada pieza comprobada, todo en tus descargas",
  "save.cancelled": "Detenido: lo que tiene tu navegador no está entero",
} as const;
