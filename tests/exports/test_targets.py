"""A release in other stores: a folder, an S3-compatible server on loopback, the hub's own client."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from moto.server import ThreadedMotoServer

from exports.errors import TargetTaken
from exports.targets import directory, hub, s3
from exports.targets.errors import BadDestination, DeliveryFailed
from tests.exports.directory import write_release
from tests.exports.samples import SAMPLES


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    records = [{**r.data, "record_id": f"r{n}"} for n, r in enumerate(SAMPLES.values())]
    return write_release(records, tmp_path_factory.mktemp("release"), Ed25519PrivateKey.generate())


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_directory_is_whole_and_sent_once(release, settings, tmp_path):
    settings.RELEASE_DIRECTORY = tmp_path
    assert directory.send(release, "demo-1.0.0") == len(files(release))
    assert files(tmp_path / "demo-1.0.0") == files(release)
    assert directory.send(release, "demo-1.0.0") == 0
    (tmp_path / "taken").mkdir()
    with pytest.raises(TargetTaken):
        directory.send(release, "taken")


@pytest.mark.parametrize("name", ["../up", "/etc", "a/b", "..", "", ".hidden"])
def test_directory_refuses_a_name_that_is_a_path(release, settings, tmp_path, name):
    settings.RELEASE_DIRECTORY = tmp_path / "inside"
    with pytest.raises(BadDestination):
        directory.send(release, name)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def bucket(settings):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    settings.RELEASE_S3 = {
        "endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1",
        "aws_access_key_id": "test", "aws_secret_access_key": "test",
    }  # fmt: skip
    client = boto3.client("s3", **settings.RELEASE_S3)
    client.create_bucket(Bucket="releases")
    yield client
    server.stop()


def test_s3_holds_every_byte_and_a_repeat_sends_what_is_missing(release, bucket):
    wanted = files(release)
    assert s3.send(release, "releases/demo/1.0.0") == len(wanted)
    for path, content in wanted.items():
        got = bucket.get_object(Bucket="releases", Key=f"demo/1.0.0/{path}")["Body"].read()
        assert got == content
    assert s3.send(release, "releases/demo/1.0.0") == 0
    bucket.delete_object(Bucket="releases", Key="demo/1.0.0/README.md")
    assert s3.send(release, "releases/demo/1.0.0") == 1


def test_s3_without_the_bucket_is_one_clear_refusal(release, bucket):
    with pytest.raises(DeliveryFailed, match="did not take the release"):
        s3.send(release, "nothing/demo")


class Flaky(BaseHTTPRequestHandler):
    """Answers every other request with 503, keeps what it is given otherwise."""

    kept, asked, lock = {}, 0, threading.Lock()

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fails(self):
        with Flaky.lock:
            Flaky.asked += 1
            return Flaky.asked % 2

    def do_HEAD(self):
        self.answer(503 if self.fails() else 404)

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.fails():
            return self.answer(503)
        Flaky.kept[self.path] = content
        return self.answer(200, ETag=f'"{hashlib.md5(content).hexdigest()}"')

    def log_message(self, *_):
        pass


def test_s3_that_fails_half_the_time_gets_everything(release, settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Flaky)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.RELEASE_S3 = {
        "endpoint_url": f"http://127.0.0.1:{server.server_port}", "region_name": "us-east-1",
        "aws_access_key_id": "test", "aws_secret_access_key": "test",
    }  # fmt: skip
    small = release / "formats" / "openai"
    try:
        assert s3.send(small, "releases/x") == len(files(small))
    finally:
        server.shutdown()
        server.server_close()
    assert len(Flaky.kept) == len(files(small))


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's interface as one commit needs: repository, upload plan, commit, tag."""

    calls, committed = [], {}

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        Hub.calls.append(("GET", self.path))
        siblings = {"siblings": [], "id": "owner/demo", "sha": "0" * 40}
        self.answer([] if "/tree/" in self.path else siblings)

    def do_POST(self):
        size = self.headers.get("Content-Length")
        body = self.rfile.read(int(size)) if size else self.chunked()
        Hub.calls.append(("POST", self.path))
        address = f"http://127.0.0.1:{self.server.server_port}/datasets/owner/demo"
        if "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            plan = [
                {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked
            ]
            self.answer({"files": plan})
        elif "/commit/" in self.path:
            lines = [json.loads(line) for line in body.splitlines() if line]
            Hub.committed.update(
                {l["value"]["path"]: l["value"] for l in lines if l["key"] == "file"}
            )
            self.answer({"commitUrl": f"{address}/commit/1", "commitOid": "1" * 40})
        elif "validate-yaml" in self.path:
            self.answer({"errors": [], "warnings": []})
        else:
            self.answer({"url": address, "id": "owner/demo"})

    def chunked(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


def test_hub_gets_one_commit_with_every_file_and_a_tag(release, settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.RELEASE_HUB = {
        "endpoint": f"http://127.0.0.1:{server.server_port}",
        "token": "hub-token",
    }
    try:
        sent = hub.send(release, "owner/demo")
    finally:
        server.shutdown()
        server.server_close()
    assert sent == len(files(release))
    assert set(Hub.committed) == set(files(release))
    assert any("/tag/" in path for _, path in Hub.calls)


@pytest.mark.parametrize("name", ["demo", "../x/y", "a/b/c", ""])
def test_hub_refuses_what_is_no_repository(release, settings, name):
    settings.RELEASE_HUB = {"token": "hub-token"}
    with pytest.raises(BadDestination):
        hub.send(release, name)
