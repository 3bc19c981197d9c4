#!/bin/sh
# Install what the machine lacks and Python packages cannot give; usage at the end.
set -eu

apt_install() {
    if ! command -v apt-get >/dev/null; then
        echo "This needs $1, and there is no apt-get here. Install it and run the command again." >&2
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else
        echo "This needs $1. Run once as root: apt-get install $1" >&2
        exit 1
    fi
    echo "Installing $1 ..." >&2
    policy=/usr/sbin/policy-rc.d # asked before a service is started; the tests start their own
    if [ "${2:-}" = not-started ] && [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
        $as_root chmod +x "$policy"
        trap '$as_root rm -f "$policy"' EXIT
    fi
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$1" >/dev/null
}

case "$1" in
venv)
    "$2" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "Python 3.11 or later is needed; $2 is $("$2" --version). Name another: make PYTHON=python3.12 ..." >&2
        exit 1
    }
    "$2" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
    "$2" -m venv "$3"
    "$3/bin/pip" install --quiet --upgrade 'pip>=25.3'
    ;;
chromium)
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || apt_install chromium
    ;;
nginx)
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || apt_install nginx not-started
    ;;
lavaan)
    Rscript -e 'library(lavaan); library(jsonlite)' >/dev/null 2>&1 || {
        apt_install r-cran-lavaan
        apt_install r-cran-jsonlite
    }
    ;;
referee) # what the answers of tests/sem/reference are made with
    for package in lavaan semTools psych; do
        Rscript -e "library($package)" >/dev/null 2>&1 || apt_install "r-cran-$(echo "$package" | tr A-Z a-z)"
    done
    ;;
*)
    echo "usage: ensure.sh venv PYTHON FOLDER | chromium | nginx | lavaan | referee" >&2
    exit 2
    ;;
esac
