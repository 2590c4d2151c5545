/** Where a method is called, over Connect and gRPC-Web, and over gRPC. */
export function pathOf(method: {
  readonly parent: { readonly typeName: string };
  readonly name: string;
}): string {
  return `/${method.parent.typeName}/${method.name}`;
}
