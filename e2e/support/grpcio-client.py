"""Calls DownloadFile of a peer with grpcio alone: requests are written and answers read byte by byte, nothing is generated.

grpcio-client.py HOST:PORT REQUESTS: REQUESTS is a JSON list of {fileId, offset?, length?, leaves?, waits?}. Prints a JSON
list with the outcome of each: {sha256, length}, {code, details}, or {left: true}.
"""

import hashlib
import json
import sys
import time

import grpc

BUSY_SECONDS = 30


def varint(value):
    out = bytearray()
    while value > 127:
        out.append((value & 127) | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_request(request):
    file_id = request["fileId"].encode()
    out = b"\x0a" + varint(len(file_id)) + file_id
    for tag, field in ((b"\x10", "offset"), (b"\x18", "length")):
        if request.get(field, 0) > 0:
            out += tag + varint(request[field])
    return out


def decode_data(message):
    """The one field of a DownloadFileResponse; nothing else may be there."""
    assert message[0] == 0x0A, message[:8]
    length, at = 0, 1
    while True:
        length |= (message[at] & 127) << (7 * (at - 1))
        at += 1
        if message[at - 1] < 128:
            break
    assert len(message) == at + length, (len(message), at, length)
    return message[at:]


def run(download, request):
    stream = download(request)
    digest, length = hashlib.sha256(), 0
    for data in stream:
        if request.get("leaves"):
            stream.cancel()
            return {"left": True}
        digest.update(data)
        length += len(data)
    return {"sha256": digest.hexdigest(), "length": length}


def outcome(download, request):
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return run(download, request)
        except grpc.RpcError as error:
            is_busy = error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            if is_busy and request.get("waits") and time.monotonic() < until:
                time.sleep(0.02)
                continue
            return {"code": error.code().name, "details": error.details()}


def main(address, requests):
    # The connection stays open between requests: a place that is freed is freed by what happens on it.
    with grpc.insecure_channel(address) as channel:
        download = channel.unary_stream(
            "/panal.v1.PeerService/DownloadFile",
            request_serializer=encode_request,
            response_deserializer=decode_data,
        )
        print(json.dumps([outcome(download, request) for request in requests]))


main(sys.argv[1], json.loads(sys.argv[2]))
