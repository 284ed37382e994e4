"""The container's health check: exit 0 when /health/ready answers 200, as a caller of an allowed host."""

import os
import urllib.request

host = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")[0].strip().strip("*") or "localhost"
url = f"http://127.0.0.1:{os.environ.get('PORT', '3000')}/health/ready"
urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=2)
