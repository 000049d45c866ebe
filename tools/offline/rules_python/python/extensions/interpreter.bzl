"""Finds the machine's Python."""

def find_python(rctx, version):
    """Finds a Python on PATH, or the one that OFFLINE_PYTHON names.

    Args:
      rctx: the repository context.
      version: the minor version wanted, such as "3.13"; "" takes any.

    Returns:
      Its absolute path, as a string. Fails when there is none.
    """
    asked = rctx.getenv("OFFLINE_PYTHON", "")
    if asked:
        path = rctx.path(asked) if asked.startswith("/") else rctx.which(asked)
    else:
        path = rctx.which("python" + version) or rctx.which("python3")
    if not path or not path.exists:
        fail("no Python: %s is not there; install python%s, or name one by OFFLINE_PYTHON" % (
            asked or "python%s (or python3) on PATH" % version,
            version,
        ))
    got = rctx.execute([path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    if got.return_code:
        fail("%s does not run: %s" % (path, got.stderr))
    if version and got.stdout.strip() != version:
        # buildifier: disable=print
        print("wanted Python %s, using %s (%s)" % (version, path, got.stdout.strip()))
    rctx.watch(path.realpath)  # a changed interpreter makes the repository anew
    return str(path)
