"""The attacks, in batches that are graded as one class each."""

from tests.attacks.attack import Attack
from tests.attacks.corpus import channel, fair, files, forge, grader, harm, outside

BATCHES: dict[str, list[Attack]] = {
    "forge": forge.ATTACKS,
    "fair": fair.ATTACKS,
    "files": files.ATTACKS,
    "harm": harm.ATTACKS,
    "grader": grader.ATTACKS,
    "outside": outside.ATTACKS,
    "channel": channel.ATTACKS,
}
