from tests.action.fixtures import (  # noqa: F401
    action,
    machine,
    monorepo,
    runner,
    tools,
    uv_cache,
    without_uv,
)
