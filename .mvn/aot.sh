# Makes the files that let Java begin where a short run left off: classes loaded and linked, hot methods known. CACHE.aot
# is the server's, CACHE-client.aot that of commands which only ask it.
#   sh .mvn/aot.sh CACHE.aot CLASSPATH CLIENT_CLASSPATH JAVA [FLAG ...]
# ./tributary runs it in the background of the first start after a build, at the lowest
# priority. It is the first to go where memory is short, and quiet: a failure only leaves CACHE.aot.failed, which says
# why, so that it is not tried again before the next build.
set -eu
cache=$1
classpath=$2
client=$3
shift 3

mkdir -p "$(dirname "$cache")"
work=$cache.making
if ! mkdir "$work" 2>/dev/null; then
    kill -0 "$(cat "$work/pid" 2>/dev/null)" 2>/dev/null && exit 0 # somebody else is at it
    rm -rf "$work"
    mkdir "$work" 2>/dev/null || exit 0
fi
echo $$ >"$work/pid"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

memory=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo 2>/dev/null || true)
[ "${memory:-9999999}" -gt 1200000 ] || exit 0
(echo 1000 >/proc/$$/oom_score_adj) 2>/dev/null || true
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS

# What ./tributary gives a server and a command; Java takes the files for nothing else.
serves="-XX:+UseParallelGC -Xmx512m"
asks="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m"

# Java writes beside what it was asked for, so everything of it is in the folder that goes away. The client learns by
# asking the server that learns.
learn() {
    "$@" $serves -Djava.io.tmpdir="$work" -XX:AOTMode=record -XX:AOTConfiguration="$work/learnt" \
        -cp "$classpath" tributary.app.Main warm-up -- \
        "$@" $asks -XX:AOTMode=record -XX:AOTConfiguration="$work/asked" \
        -cp "$client" tributary.app.Main warm-up-client &&
        "$@" $serves -XX:AOTMode=create -XX:AOTConfiguration="$work/learnt" -XX:AOTCache="$work/cache" \
            -cp "$classpath" &&
        [ -s "$work/cache" ]
}
if learn "$@" >"$work/said" 2>&1; then
    mv -f "$work/cache" "$cache"
    rm -f "$cache.failed"
else
    # Somebody who ended it, with the terminal or the machine, did not say that it cannot be made.
    [ $? -ge 128 ] || tail -n 40 "$work/said" | tee "$cache.failed" >&2
    exit 1
fi

# Without it commands are slower, and that is all.
"$@" $asks -XX:AOTMode=create -XX:AOTConfiguration="$work/asked" \
    -XX:AOTCache="$work/client" -cp "$client" && [ -s "$work/client" ] && mv -f "$work/client" "${cache%.aot}-client.aot"
