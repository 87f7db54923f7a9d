# Finds a JDK 25 or newer and sets JAVA_HOME; sourced by ./tributary and ./dev.
# A JDK says its version in its `release` file, so no process is started to look.

jdk_version() { # folder -> 25, or nothing
    [ -x "$1/bin/javac" ] || [ -x "$1/bin/javac.exe" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

jdk_candidates() {
    [ -n "${JAVA_HOME:-}" ] && echo "$JAVA_HOME"
    if on_path=$(command -v javac 2>/dev/null); then
        while [ -L "$on_path" ]; do
            link=$(readlink "$on_path")
            case "$link" in /*) on_path=$link ;; *) on_path=$(dirname "$on_path")/$link ;; esac
        done
        dirname "$(dirname "$on_path")"
    fi
    for dir in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "/c/Program Files/Eclipse Adoptium"/* "/c/Program Files/Java"/*; do
        [ -d "$dir" ] && echo "$dir"
    done
}

find_jdk() {
    seen=""
    while IFS= read -r dir; do
        version=$(jdk_version "$dir")
        [ -n "$version" ] || continue
        if [ "$version" -ge 25 ]; then
            JAVA_HOME=$dir
            export JAVA_HOME
            return 0
        fi
        seen="$seen
  $dir (Java $version)"
    done <<EOF
$(jdk_candidates)
EOF
    {
        echo "tributary: needs a JDK 25 or newer, and none was found."
        [ -z "$seen" ] || echo "Found only:$seen"
        echo "Install one, for example:"
        case "$(uname -s)" in
            Darwin) echo "  brew install --cask temurin@25" ;;
            MINGW* | MSYS* | CYGWIN*) echo "  winget install EclipseAdoptium.Temurin.25.JDK" ;;
            *)
                echo "  apt install openjdk-25-jdk       (Debian 13+, Ubuntu 25.10+), or temurin-25-jdk from Adoptium"
                echo "  sdk install java 25-tem          (SDKMAN, any system)"
                ;;
        esac
        echo "or point JAVA_HOME to it and try again."
    } >&2
    return 1
}
