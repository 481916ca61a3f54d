# Starts $action/action/run.py, told which $command to run, with the first Python that is new
# enough.  Any sh will do, with nothing but a Python beside it.
if [ "$RUNNER_OS" = Windows ]; then
  echo '::error title=impact::not made for Windows: run this job on Linux or macOS'
  exit 2
fi
for python in python3 python python3.14 python3.13 python3.12 python3.11 python3.10; do
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    exec "$python" -I "$action/action/run.py" "$command"
  fi
done
found=$(command -v python3 >/dev/null && python3 -V 2>&1 | head -n 1) || found='no python3'
echo "::error title=impact::Python 3.10 or newer is needed (found: $found): run actions/setup-python before"
exit 2
