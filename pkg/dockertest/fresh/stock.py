"""Takes stock of a container from inside: all that a server in it could find of an earlier one."""

import re

from pkg.dockertest import Server, engine
from pkg.dockertest.container import Container
from pkg.dockertest.fresh import varying

# What differs between any two new containers: the names that the engine gives to their directories,
# and universally unique ones.
_NAMES = re.compile(
    r"[0-9a-f]{64}|(lower|upper|work)dir=[^, ]*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)

# One line for each thing; the first word says what. The shell and what it runs are left out.
_TAKE = r"""
export LC_ALL=C
for one in /proc/[0-9]*; do
    pid=${one#/proc/}
    [ "$pid" = 1 ] || [ "$pid" = $$ ] || [ ! -r "$one/environ" ] && continue
    [ "$(awk '/^PPid:/ {print $2}' "$one/status")" = $$ ] && continue
    name=$(cat "$one/comm")
    awk -v name="$name" '/^(Uid|Gid|Groups|Cap|NoNew|Seccomp|Cpus_allowed_list|Sig(Blk|Ign))/ {
        $1 = $1; print "process", name, $0 }' "$one/status"
    echo "process $name nice $(sed 's/.*) //' "$one/stat" | awk '{print $16, $17, $38, $39}')"
    echo "process $name oom $(cat "$one/oom_score_adj") $(tr '\0' ' ' < "$one/cmdline")"
    # Servers write their title over the beginning.
    tr '\0' '\n' < "$one/environ" | sed -n "s/^\([A-Z][A-Z0-9_]*\)=.*/environment $name \1/p"
    sed "s/^/limits $name /" "$one/limits"
    echo "log $name $(stat -L -c '%F %a %u:%g' "$one/fd/1") $(grep flags "$one/fdinfo/1")"
done
# Local address and state of what listens; type, state and path of local sockets.
for table in tcp tcp6 udp udp6 raw raw6; do
    awk -v table=$table 'NR > 1 && ($4 == "0A" || table !~ /tcp/) {
        print "socket", table, $2, $4 }' /proc/net/$table 2>/dev/null
done
awk 'NR > 1 && $8 != "" { print "socket unix", $5, $6, $8 }' /proc/net/unix
for table in shm sem msg; do sed "s/^/ipc $table /" /proc/sysvipc/$table; done
cut -d' ' -f4- /proc/self/mountinfo | sed 's/ \(master\|shared\):[0-9]*//g; s/^/mount /'
awk '$9 == "tmpfs" || $8 == "tmpfs" || $9 == "mqueue" || $8 == "mqueue" { print $5 }' \
    /proc/self/mountinfo | grep -v -e ^/proc -e ^/sys | while read -r place; do
    find "$place" -xdev ! -type d -exec stat -c 'file %n %F %a %u:%g %h' {} +
    find "$place" -xdev -type d -exec stat -c 'directory %n %F %a %u:%g' {} +
    find "$place" -xdev -type f -exec stat -c 'size %n %s' {} +
    # A part of the sum, which is no name of the engine's.
    find "$place" -xdev -type f -exec sha256sum {} + |
        awk '{ sub(/^\\/, ""); print "content", substr($0, 1, 40) substr($0, 66) }'
done
true
"""


def untold(server: Server) -> Container:
    """A handle on the server's container through which nothing is announced."""
    return Container(engine.connect(), server.container.name, server.container.image)


def take(server: Server) -> list[str]:
    """What is there now, in lines; the slot stays reusable, since nobody is told."""
    made = untold(server).exec(["sh", "-c", _TAKE])
    assert made.status == 0, made.stderr
    lines = (line for line in made.stdout.splitlines() if not varying.is_known(line))
    return sorted(_NAMES.sub("…", line) for line in lines)
