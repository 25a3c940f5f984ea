/**
 * The file of a worker thread, beside the module that starts it: TypeScript here and JavaScript in the package, as that module is.
 *
 * @param module the `import.meta.url` of the module that starts it
 * @param name of the file, without its extension
 */
export function workerFile(module: string, name: string): URL {
  return new URL(module.replace(/[^/]+(\.[jt]s)$/, `${name}$1`));
}
