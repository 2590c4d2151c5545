import { type DescFile, type DescService, createRegistry, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import { ServerReflection } from "@panal/sdk/gen/grpc/reflection/v1/reflection_pb";
import { ServerReflection as ServerReflectionAlpha } from "@panal/sdk/gen/grpc/reflection/v1alpha/reflection_pb";

/** What both versions of the service ask; they differ in nothing but their names. */
interface Question {
  readonly host: string;
  readonly messageRequest:
    | {
        case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices";
        value: string;
      }
    | { case: "fileContainingExtension"; value: unknown }
    | { case: undefined; value?: undefined };
}

type Answer =
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array<ArrayBuffer>[] } }
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

/**
 * Server reflection, v1 and v1alpha, for these services and itself: what lets grpcurl, `buf curl` and their like
 * work with an address alone. Our files have no extensions.
 */
export function addReflection(router: ConnectRouter, services: readonly DescService[]): void {
  const all = [...services, ServerReflection, ServerReflectionAlpha];
  const files = all.flatMap(({ file }) => withImports(file));
  const registry = createRegistry(...files);

  function answer({ messageRequest }: Question): Answer {
    switch (messageRequest.case) {
      case "listServices":
        return {
          case: "listServicesResponse",
          value: { service: all.map(({ typeName }) => ({ name: typeName })) },
        };
      case "fileByFilename":
        return fileAnswer(
          files.find(({ proto }) => proto.name === messageRequest.value),
          messageRequest.value,
        );
      case "fileContainingSymbol":
        return fileAnswer(fileOfSymbol(messageRequest.value), messageRequest.value);
      default:
        return notFound("no extensions are declared here");
    }
  }

  /** A method or a value belongs to the type before the last dot. */
  function fileOfSymbol(symbol: string): DescFile | undefined {
    const dot = symbol.lastIndexOf(".");
    return (registry.get(symbol) ?? registry.get(symbol.slice(0, Math.max(0, dot))))?.file;
  }

  async function* answers<Request extends Question>(questions: AsyncIterable<Request>) {
    for await (const question of questions) {
      yield { validHost: question.host, originalRequest: question, messageResponse: answer(question) };
    }
  }
  router.service(ServerReflection, { serverReflectionInfo: (questions) => answers(questions) });
  router.service(ServerReflectionAlpha, { serverReflectionInfo: (questions) => answers(questions) });
}

function fileAnswer(file: DescFile | undefined, wanted: string): Answer {
  if (file === undefined) return notFound(`${wanted} is not known here`);
  const fileDescriptorProto = withImports(file).map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode: Code.NotFound, errorMessage } };
}

/** The file first, then everything it imports, once each. */
function withImports(file: DescFile): DescFile[] {
  return [...new Set([file, ...file.dependencies.flatMap(withImports)])];
}
