"""What stands below the help of each command."""

from __future__ import annotations

COMPARE_EXAMPLES = """\b
Examples:
  webdyno compare 'flask@gunicorn?workers=2' 'fastapi@uvicorn?workers=2'
  webdyno compare fastapi==0.110.0@uvicorn==0.30.0 fastapi@uvicorn -n 10
  webdyno compare --quick                            which is the fastest? in 40 s
  webdyno compare flask@gunicorn flask@waitress --precision 3% --max-time 10m
  webdyno compare --continue --max-time 5m           more blocks for the last run
  webdyno compare flask@gunicorn fastapi@uvicorn --workload 'fanout?n=50'
  webdyno compare flask==2.3.3@gunicorn flask@gunicorn --duet --max-time 60s
  webdyno compare shop.main:app@gunicorn other.api:app@uvicorn --app-dir src \\
      --path /api/items --header 'Authorization: Bearer ${env.TOKEN}' \\
      --env DATABASE_URL --env MODE=bench
  webdyno compare 'shop:create_app("prod")@gunicorn' --start-timeout 2m
  webdyno compare url=http://127.0.0.1:8000/,pid=4711 url=http://127.0.0.1:8001/,pid=4712"""
EXPLAIN_EXAMPLES = """\b
Examples:
  webdyno explain flask@gunicorn 'fastapi@gunicorn?worker_class=uvicorn'
  webdyno explain fastapi@uvicorn fastapi@granian -n 10"""
SERVE_EXAMPLES = """\b
Examples:
  webdyno serve fastapi@granian --port 8000
  webdyno serve shop.main:app@gunicorn --app-dir src"""
DOCTOR_EXAMPLES = """\b
Examples:
  webdyno doctor                    about 45 s
  webdyno doctor --quick            inspect only, 2 s
  webdyno doctor --json > machine.json

\b
Exit codes: 0 done, 2 usage error, 3 the smallest difference could not be
measured or the result could not be written, 130 interrupted."""
INIT_EXAMPLES = """\b
Examples:
  webdyno init                                   find the app here
  webdyno init --app shop.main:app --force       this app; overwrite the file
  webdyno init --app 'shop:create_app("prod")'   what its factory returns
  webdyno init --app-dir backend --env DATABASE_URL --python .venv/bin/python

\b
Exit codes: 0 done, 2 no app found or the file exists, 3 it could not be
written, 130 interrupted."""
REPORT_EXAMPLES = """\b
Examples:
  webdyno report                          the newest run, as a table
  webdyno report -v                       with what happened where blocks differ
  webdyno report 20261121 --html r.html   that run, as an HTML page
  webdyno report colleague.json           a JSON document you were sent"""
LOAD_EXAMPLES = """\b
Examples:
  webdyno load http://127.0.0.1:8000/path              closed: 32 connections
  webdyno load http://127.0.0.1:8000/ -r 5000 -d 30s   open: 5,000 requests/s
  webdyno load http://127.0.0.1:8000/ --ramp 0:5000    where does it break?
  webdyno load https://shop.test/ --ca ca.pem --user @secret.txt
  webdyno load https://shop.test/ --header 'X-Api-Key: ${env.KEY}'
  webdyno load http://127.0.0.1:8000/ --scenario shop.toml -r 50
  webdyno load http://127.0.0.1:8000/ --threshold 'p99<50ms'
  webdyno load http://127.0.0.1:8000/ --json > monday.json
  webdyno load http://127.0.0.1:8000/ --compare monday.json

\b
Exit codes: 0 done, 1 a threshold was missed, 2 usage error, 3 no valid result
or it could not be written, 130 interrupted."""
GATE_EXAMPLES = """\b
Examples:
  webdyno gate shop.main:app --base main --head HEAD
  webdyno gate shop.main:app@gunicorn --base v1.4 --head HEAD --path /api/items \\
      --fail-if 'cpu_per_request > +5%' --fail-if 'p99 > +10%' --markdown gate.md
  webdyno gate --base flask@gunicorn --head flask@granian --fail-if 'p99 > +10%'
  webdyno gate --base url=http://10.0.0.5/ --head url=http://10.0.0.6/

\b
Exit codes: 0 passed, 1 a regression, 2 usage error, 3 inconclusive, not
measured, or the result could not be written, 130 interrupted."""
