"""What somebody hostile sends to MinIO: requests of every route, and odd ones."""

import datetime
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from minio.crypto import encrypt
from minio.datatypes import PostPolicy
from urllib3.filepost import encode_multipart_formdata

from pkg.dockertest.s3 import S3Server
from pkg.testutil.containers.s3_routes import ROUTES

OBJECT = "object"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ROLE = "Action=AssumeRole{}&Version=2011-06-15"
EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]},
            {"Effect": "Allow", "Action": ["admin:*"]},
        ],
    }
)
_ATTRIBUTES = {"x-amz-object-attributes": "ETag,ObjectSize"}
# Where a body is looked at before it is asked who sends it.
_BODIES = {
    "": b"",
    "delete": b"<Delete><Object><Key>object</Key></Object></Delete>",
    "tagging": b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    "retention": b"<Retention><Mode>GOVERNANCE</Mode>"
    b"<RetainUntilDate>2199-01-01T00:00:00Z</RetainUntilDate></Retention>",
    "lifecycle": b"<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/>"
    b"<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
}


@dataclass(frozen=True)
class Request:
    """What `Signed.begin` sends; or what is sent without a signature, if it is bare."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sts: bool = False
    bare: bool = False

    def copied(self) -> str:
        """The bucket that it copies from, if it copies."""
        return self.headers.get("x-amz-copy-source", "").lstrip("/").partition("/")[0]


@dataclass(frozen=True)
class Aim:
    """What a request is to reach.

    Attributes:
        key: an access key: another's, the root user's, or that of who asks.
        bucket: another's bucket.
        upload: the number of an upload to its object.
    """

    key: str
    bucket: str
    upload: str


def requests(hostile: S3Server, aim: Aim) -> Iterator[Request]:
    """One for every route; to the admin API a second, with what may stand in a query or a body."""
    for route in ROUTES:
        method, _, rest = route.partition(" ")
        path, _, query = rest.partition("?")
        pairs = (pair.partition("=")[::2] for pair in query.split("&") if pair)
        request = Request(
            method,
            _filled(path, aim),
            {name: _filled(value, aim) for name, value in pairs},
            _BODIES.get(query, b"{}") if method in ("PUT", "POST") else b"",
            _ATTRIBUTES if query == "attributes" else {},
        )
        yield request
        if "/admin/" in path:
            sealed = _sealed(hostile, aim) if method in ("PUT", "POST") else b""
            yield replace(request, query={**_more(aim), **request.query}, body=sealed)
            yield replace(request, query={"all": "true", **request.query}, body=sealed)
        elif method == "PUT" and path.endswith("{object}"):
            source = {"x-amz-copy-source": f"{aim.bucket}/{OBJECT}"}
            yield replace(request, headers=source)
            if query in ("", "partNumber={partNumber}&uploadId={uploadId}"):
                own = f"/{hostile.name('own')}/copy"
                yield replace(request, path=own, headers=source)
            yield replace(request, headers={"x-amz-meta-snowball-auto-extract": "true"})
        elif path == "/{bucket}":
            yield replace(request, headers={"x-minio-force-delete": "true"})
            yield replace(request, headers={"x-minio-force-create": "true"})


def tricks(hostile: S3Server, aim: Aim) -> Iterator[Request]:
    """Paths and names that lead out of the own bucket; the server's own; its token service."""
    bucket, own = aim.bucket, f"/{hostile.name('own')}"
    methods = ("GET", "HEAD", "PUT", "POST", "DELETE")
    for method in methods:
        for way in ("..", "%2e%2e", "..%2f..", "%2e%2e/%2e%2e", ".", "/"):
            yield Request(method, f"{own}/{way}/{bucket}/{OBJECT}")
        for path in ("", "/config/config.json", "/config/iam/users", "/buckets", "/multipart"):
            yield Request(method, f"/.minio.sys{path}")
            yield Request(method, f"/minio{path}")
        for path in ("peer/v39/health", "storage/data/v63/rfile", "lock/v1", "grid/v1"):
            yield Request(method, f"/minio/{path}")
        for path in ("v2/metrics/cluster", "v2/metrics/bucket", "v2/metrics/node", "v3/nope"):
            yield Request(method, f"/minio/{path}")
        yield Request(method, "/minio/v2/metrics/resource")
        yield Request(method, "/minio/metrics/v3/api/requests")
        yield Request(method, "/minio/prometheus/metrics")
    for prefix in ("../", f"../{bucket}/", "/", ".", "*", f"{bucket}/"):
        for listed in ({"list-type": "2"}, {"versions": ""}, {"uploads": ""}, {}):
            yield Request("GET", own, {"prefix": prefix, **listed})
    for source in (f"{hostile.name('own')}/../{bucket}/{OBJECT}", f"/{bucket}%2F{OBJECT}"):
        yield Request("PUT", f"{own}/copy", headers={"x-amz-copy-source": source})
    for key in (f"../{bucket}/{OBJECT}", f"/../../{bucket}/{OBJECT}"):
        body = f"<Delete><Object><Key>{key}</Key></Object></Delete>".encode()
        yield Request("POST", own, {"delete": ""}, body)
    yield Request("PUT", "/", headers={"Host": f"{bucket}.localhost"})
    yield _form(hostile, aim)
    for action in ("WithClientGrants", "WithWebIdentity", "WithLDAPIdentity"):
        yield _token(f"{action}&Token=x&WebIdentityToken=x&LDAPUsername=x&LDAPPassword=x")
    for action in ("WithCertificate", "WithCustomToken&Token=x"):
        yield _token(action)
    for more in ("", f"&Policy={EVERYTHING}&RoleArn=x", f"&DurationSeconds=9999&Token={aim.key}"):
        yield replace(_token(more), query={}, body=_ROLE.format(more).encode(), headers=_FORM)
    yield Request("POST", "/", {}, _ROLE.format("WithSSO").encode(), _FORM, bare=True)


def _token(words: str) -> Request:
    """To the token service."""
    return Request("POST", "/", dict(re.findall("([^&=]+)=([^&]*)", _ROLE.format(words))), sts=True)


def _form(hostile: S3Server, aim: Aim) -> Request:
    """An upload from a browser, with its policy signed by who may not."""
    expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    policy = PostPolicy(aim.bucket, expires)
    policy.add_equals_condition("key", OBJECT)
    fields = hostile.client().presigned_post_policy(policy)
    parts: dict[str, str | tuple[str, bytes]] = {**fields, "key": OBJECT, "bucket": aim.bucket}
    parts["file"] = ("x", b"hostile")
    body, kind = encode_multipart_formdata(list(parts.items()))
    return Request("POST", f"/{aim.bucket}", {}, body, {"Content-Type": kind}, bare=True)


def _filled(text: str, aim: Aim) -> str:
    values = {
        **{"bucket": aim.bucket, "object": OBJECT, "prefix": OBJECT, "uploadId": aim.upload},
        **{"partNumber": "1", "action": "restart", "userProvider": "builtin", "type": "openid"},
        **{
            "accessKey": aim.key,
            "user": aim.key,
            "userDN": aim.key,
            "name": "berth-tenant",
            "listType": "all",
        },
        **{"status": "disabled", "operation": "attach", "events": "s3:*", "lambdaArn": "arn:x"},
        **{
            "count": "1",
            "key": "api",
            "subSys": "api",
            "updateURL": "http://127.0.0.1:1/",
            "key-id": "x",
        },
    }
    return re.sub(r"\{([\w-]+)\}", lambda found: values.get(found[1], "x"), text)


def _more(aim: Aim) -> dict[str, str]:
    """What handlers look for in a query, whatever their route says."""
    return {
        **{"user": aim.key, "users": aim.key, "accessKey": aim.key, "access-key": aim.key},
        **{"userDN": aim.key, "bucket": aim.bucket, "fullRevoke": "true", "policy": "readwrite"},
        **{"group": "x", "volume": ".minio.sys", "file": "config/config.json", "duration": "1s"},
    }


@functools.cache
def _sealed(hostile: S3Server, aim: Aim) -> bytes:
    """What the admin API expects in bodies, all of it at once; encrypted as it asks for."""
    words = {
        **{"targetUser": aim.key, "user": aim.key, "accessKey": aim.key, "group": "x"},
        **{"members": [hostile.access_key_id], "policies": ["consoleAdmin"]},
        # Its own: whoever sets it for itself changes nothing.
        **{"secretKey": hostile.secret_access_key, "newSecretKey": hostile.secret_access_key},
        **{"status": "enabled", "newStatus": "enabled", "name": "x", "description": "x"},
    }
    return encrypt(json.dumps(words).encode(), hostile.secret_access_key)
