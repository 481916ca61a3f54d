# Starts $action/action/run.py, told which $command to run, with the first Python that is new
# enough.  Any sh will do, with nothing but a Python beside it.
if [ "$RUNNER_OS" = Windows ]; then
  echo '::error title=impact::not made for Windows: run this job on Linux or macOS'
  exit 2
fi
# -I: nothing of the workspace or of PYTHON* variables; -S: nor what is installed for the user.
# The Python says where it is, since what was found on PATH may be a script that looks for it.
ask='import sys
sys.version_info < (3, 10) and sys.exit(1)
sys.stdout.reconfigure(errors="surrogateescape")
print(sys.executable)'
for python in python3 python python3.14 python3.13 python3.12 python3.11 python3.10; do
  if found=$("$python" -I -S -c "$ask" 2>/dev/null) && [ -n "$found" ]; then
    exec "$found" -I -S "$action/action/run.py" "$command"
  fi
done
found=$(command -v python3 >/dev/null && python3 -V 2>&1 | head -n 1) || found='no python3'
echo "::error title=impact::Python 3.10 or newer is needed (found: $found): run actions/setup-python before"
exit 2
