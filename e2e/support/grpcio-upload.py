"""Calls UploadFile of a peer with grpcio alone: messages are written and read byte by byte, nothing is generated.

grpcio-upload.py HOST:PORT CODE FILE PATH: sends FILE to be called PATH. Prints a JSON object: {fileId, path} or {code}.
"""

import json
import os
import sys

import grpc

CHUNK_BYTES = 256 * 1024


def varint(value):
    out = bytearray()
    while value > 127:
        out.append((value & 127) | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(tag, data):
    return tag + varint(len(data)) + data


def messages(file, path):
    """A header, then data."""
    header = field(b"\x0a", path.encode()) + b"\x10" + varint(os.path.getsize(file))
    yield field(b"\x0a", header)
    with open(file, "rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield field(b"\x12", chunk)


def decode(message):
    """Two strings, each shorter than 128 bytes."""
    texts = {}
    at = 0
    while at < len(message):
        tag, length = message[at], message[at + 1]
        texts[tag >> 3] = message[at + 2 : at + 2 + length].decode()
        at += 2 + length
    return {"fileId": texts[1], "path": texts[2]}


def main(address, code, file, path):
    with grpc.insecure_channel(address) as channel:
        upload = channel.stream_unary(
            "/panal.v1.PeerService/UploadFile",
            request_serializer=lambda message: message,
            response_deserializer=decode,
        )
        try:
            print(json.dumps(upload(messages(file, path), metadata=[("panal-upload-code", code)])))
        except grpc.RpcError as error:
            print(json.dumps({"code": error.code().name}))


main(*sys.argv[1:])
