"""Students' code in isolation: a sandbox, and in it one Jupyter kernel after the other.

What is in `inside/` runs there and stands alone.

May import `cells`, `course`, `limits`, `utils.check`.
"""

from grading.sandbox.bubblewrap import SandboxUnavailable, bubblewrap_mode
from grading.sandbox.kernel import Execution, Kernel, KernelDied
from grading.sandbox.sandbox import Sandbox, SandboxWarning, try_out

__all__ = [
    "Execution",
    "Kernel",
    "KernelDied",
    "Sandbox",
    "SandboxUnavailable",
    "SandboxWarning",
    "bubblewrap_mode",
    "try_out",
]
