"""The structure of a composite score: indicators, groups of indicators, groups of groups, one root."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chiso.errors import ChisoError
from chiso.messages import text

Floats = NDArray[np.float64]


class TreeError(ChisoError):
    """A structure that is no tree, or weights that cannot be used; every fault is listed."""


class Node(NamedTuple):
    """An indicator or a group; ``weight`` is relative to its siblings, ``parent`` None for the root."""

    code: str
    parent: str | None
    weight: float = 1.0


@dataclass(frozen=True)
class Tree:
    """Nodes with the indicators (leaves) first, then the groups from below upwards, the root last.

    Make it with :meth:`of`, which checks it.
    """

    nodes: tuple[Node, ...]
    leaves: int

    @classmethod
    def of(cls, nodes: Iterable[Node], weights_sum: float | None = None) -> Tree:
        """Check nodes and order them; indicators keep the order in which they are given.

        Args:
            nodes: in any order.
            weights_sum: what the weights of every group must add up to; None: weights are relative.

        Raises:
            TreeError: a code twice (an indicator in two groups), an unknown parent, no root or several, a circle,
                a weight that is negative or no number, a group without weight or with another sum. All at once.

        >>> tree = Tree.of([Node("I", "all"), Node("I.1", "I", 2), Node("I.2", "I", 1), Node("all", None)])
        >>> tree.codes, tree.leaves
        (('I.1', 'I.2', 'I', 'all'), 2)
        """
        given = tuple(nodes)
        faults = list(_faults(given, weights_sum))
        if faults:
            listed = "\n".join(f"  - {fault}" for fault in faults)
            raise TreeError(f"{text('scoring.tree.head', count=len(faults))}\n{listed}")
        parents = {node.parent for node in given}
        depth = {node.code: _depth(node, given) for node in given}
        leaves = [node for node in given if node.code not in parents]
        groups = sorted((n for n in given if n.code in parents), key=lambda n: -depth[n.code])
        return cls((*leaves, *groups), len(leaves))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of all nodes, indicators first."""
        return tuple(node.code for node in self.nodes)

    @cached_property
    def weights(self) -> Floats:
        """Given weights of all nodes, shape (N,)."""
        return np.array([node.weight for node in self.nodes], dtype=float)

    @cached_property
    def children(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Each group (place among :attr:`nodes`) with the places of its children, from below upwards."""
        found: dict[str, list[int]] = {}
        for place, node in enumerate(self.nodes):
            if node.parent is not None:
                found.setdefault(node.parent, []).append(place)
        return tuple((at, tuple(found[node.code])) for at, node in enumerate(self.nodes) if node.code in found)

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Level of each node as COINr counts it: 1 for indicators, a group one above its highest child."""
        level = [1] * len(self.nodes)
        for at, children in self.children:
            level[at] = 1 + max(level[child] for child in children)
        return tuple(level)

    def with_weights(self, weights: Mapping[str, float]) -> Tree:
        """Return the tree with other weights; nodes that are not named keep theirs.

        Raises:
            TreeError: a code that is not in the tree, or weights that cannot be used.
        """
        unknown = sorted(set(weights) - set(self.codes))
        if unknown:
            told = "\n".join(f"  - {code}: {text('scoring.tree.unknown')}" for code in unknown)
            raise TreeError(f"{text('scoring.tree.head', count=len(unknown))}\n{told}")
        return Tree.of(node._replace(weight=weights.get(node.code, node.weight)) for node in self.nodes)

    def effective_weights(self) -> Floats:
        """Return the weight of each node in the root (children of a group share its weight), shape (N,)."""
        effective = np.ones(len(self.nodes))
        for at, children in reversed(self.children):
            own = self.weights[list(children)]
            effective[list(children)] = effective[at] * own / own.sum()
        return effective

    def leaves_under(self, code: str) -> tuple[int, ...]:
        """Return the places of the indicators of a node.

        Raises:
            ValueError: no such node.
        """
        below = dict(self.children)
        found, open_places = [], [self.codes.index(code)]
        while open_places:
            at = open_places.pop()
            if at < self.leaves:
                found.append(at)
            open_places += below.get(at, ())
        return tuple(sorted(found))


def _faults(nodes: tuple[Node, ...], weights_sum: float | None) -> Iterable[str]:
    codes = Counter(node.code for node in nodes)
    for code, count in codes.items():
        if count > 1:
            groups = ", ".join(str(node.parent or "–") for node in nodes if node.code == code)
            yield f"{code}: {text('scoring.tree.twice', groups=groups)}"
    for node in nodes:
        if node.parent is not None and node.parent not in codes:
            yield f"{node.code}: {text('scoring.tree.parent', parent=node.parent)}"
        elif _depth(node, nodes) < 0:
            yield f"{node.code}: {text('scoring.tree.circle')}"
        if not (math.isfinite(node.weight) and node.weight >= 0):
            yield f"{node.code}: {text('scoring.tree.weight', weight=node.weight)}"
    roots = [node.code for node in nodes if node.parent is None]
    if len(roots) != 1:
        yield text("scoring.tree.roots", roots=", ".join(roots) or "–")
    for parent in dict.fromkeys(node.parent for node in nodes if node.parent is not None):
        total = math.fsum(node.weight for node in nodes if node.parent == parent)
        if weights_sum is not None and not math.isclose(total, weights_sum, rel_tol=1e-9):
            yield f"{parent}: {text('scoring.tree.sum', total=f'{total:.12g}', expected=f'{weights_sum:.12g}')}"
        elif total == 0:
            yield f"{parent}: {text('scoring.tree.no_weight')}"


def _depth(node: Node, nodes: tuple[Node, ...]) -> int:
    """Steps to the root; -1 where the parents go round in a circle."""
    parents = {n.code: n.parent for n in nodes}
    steps, parent = 0, node.parent
    while parent is not None:
        steps, parent = steps + 1, parents.get(parent)
        if steps > len(nodes):
            return -1
    return steps
