"""Everything an evaluation measured, and ``report.json``.

`docs/report.schema.json` describes that file. Rates are fractions, log-likelihood ratios and thresholds nats, Cllr bits.
A figure that the data cannot carry is null, and the reason stands beside it under the same name with ``_reason``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from countersign import __version__
from countersign.core.biometrics import Modality, ModelRef
from countersign.evaluation.intervals import Proportion
from countersign.evaluation.linkage import Linkage, measure_linkage
from countersign.evaluation.outcomes import (
    AttackRates,
    Failures,
    Transactions,
    attack_rates,
    bona_fide_checks,
    failures_to_acquire,
    failures_to_enrol,
    refused_logins,
    transactions,
)
from countersign.evaluation.rates import (
    ComparisonRates,
    Estimate,
    Figure,
    Missing,
    OperatingPoint,
    Source,
    comparison_rates,
    mated_rows,
    population,
)
from countersign.evaluation.run import Evaluation
from countersign.evaluation.trials import Role

FORMAT = "countersign-evaluation/1"
NO_CHECKS = "no presentation in the trials answers a challenge"
NO_ATTACK_JUDGED = "no comparison of this attack was possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What went in."""

    subjects: int
    unknown_impostors: int
    files: int
    enrol: int
    probe: int
    attack: int
    mated: int
    nonmated: int
    attacked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What came out.

    Attributes:
        system: name, version, pack and the like, in words.
        models: that made the embeddings, by modality.
        refused_logins: bona fide logins that the whole system turns away.
        bona_fide_checks: BPCER of each check.
        linkages: linkability of the references, by modality; None with too few people.
    """

    system: Mapping[str, str]
    models: Mapping[str, ModelRef]
    calibrations: tuple[str, ...]
    counts: Counts
    fte: Failures
    fta: Failures
    comparisons: Mapping[Source, ComparisonRates]
    transactions: Transactions
    attacks: Mapping[str, AttackRates]
    refused_logins: Proportion
    bona_fide_checks: Mapping[str, Proportion]
    linkages: Mapping[Modality, Linkage | None]


def measure(evaluation: Evaluation, *, pack: str) -> Results:
    """All rates and intervals. Takes a few seconds for a million comparisons."""
    comparisons = {source: comparison_rates(population(evaluation, source), source) for source in Source}
    return Results(
        system={"name": "countersign", "version": __version__, "pack": pack, "profile": evaluation.profile},
        models={str(modality): model for modality, model in evaluation.models.items()},
        calibrations=tuple(sorted(evaluation.table.calibrations)),
        counts=_counts(evaluation),
        fte=failures_to_enrol(evaluation),
        fta=failures_to_acquire(evaluation),
        comparisons=comparisons,
        transactions=transactions(evaluation),
        attacks=attack_rates(evaluation, comparisons),
        refused_logins=refused_logins(evaluation),
        bona_fide_checks=bona_fide_checks(evaluation),
        linkages={
            modality: measure_linkage([reference.enrolment for reference in evaluation.references], modality)
            for modality in Modality
        },
    )


def as_json(results: Results) -> dict[str, object]:
    """The content of ``report.json``."""
    return {
        "format": FORMAT,
        "system": {**results.system, "calibrations": list(results.calibrations)},
        "models": {name: {"name": model.name, "sha256": model.sha256} for name, model in results.models.items()},
        "counts": _counts_json(results.counts),
        "fte": results.fte.overall.rate,
        **_reason("fte", results.fte.overall.rate, "nobody was to be enrolled"),
        "fte_detail": _failures_json(results.fte),
        "fta": results.fta.overall.rate,
        **_reason("fta", results.fta.overall.rate, "the trials hold no probes"),
        "fta_detail": _failures_json(results.fta),
        "modalities": {str(source): _rates_json(rates) for source, rates in results.comparisons.items()},
        "transactions": {
            "profile": results.transactions.profile,
            **_proportion_json("frr", results.transactions.false_rejections, no_transactions(results.transactions)),
            **_proportion_json("far", results.transactions.false_acceptances, no_transactions(results.transactions)),
        },
        "attacks": {species: _attack_json(rates) for species, rates in results.attacks.items()},
        **_proportion_json("bpcer", results.refused_logins, NO_CHECKS),
        "bpcer_checks": _checks_json(results.bona_fide_checks),
        "linkability": {str(modality): _linkage_json(found) for modality, found in results.linkages.items()},
    }


def no_transactions(found: Transactions) -> str:
    """Why there may be none."""
    asked = " and ".join(sorted(found.asked))
    return f"the profile {found.profile} asks for {asked}, which no presentation and its reference both offer"


def _counts(evaluation: Evaluation) -> Counts:
    enrolled = {reference.subject for reference in evaluation.references}
    probes = [test.presentation for test in evaluation.tests if test.presentation.role is Role.PROBE]
    mated, nonmated = mated_rows(evaluation)
    return Counts(
        subjects=len(enrolled),
        unknown_impostors=len({shown.subject for shown in probes} - enrolled),
        files=evaluation.files,
        enrol=len(evaluation.enrolments),
        probe=len(probes),
        attack=len(evaluation.tests) - len(probes),
        mated=int(mated.sum()),
        nonmated=int(nonmated.sum()),
        attacked=int((~mated & ~nonmated).sum()),
    )


def _counts_json(counts: Counts) -> dict[str, object]:
    return {
        "subjects": counts.subjects,
        "unknown_impostors": counts.unknown_impostors,
        "files": counts.files,
        "presentations": {"enrol": counts.enrol, "probe": counts.probe, "attack": counts.attack},
        "comparisons": {"mated": counts.mated, "nonmated": counts.nonmated, "attack": counts.attacked},
    }


def _linkage_json(found: Linkage | None) -> dict[str, object] | None:
    return asdict(found) if found is not None else None


def _failures_json(failures: Failures) -> dict[str, object]:
    return {
        str(modality): {
            **_proportion_json("rate", share, "no presentation offered it"),
            "reasons": dict(sorted(failures.reasons[modality].items())),
        }
        for modality, share in failures.modalities.items()
    }


def _rates_json(rates: ComparisonRates) -> dict[str, object]:
    return {
        "mated": rates.mated,
        "nonmated": rates.nonmated,
        "subjects": rates.subjects,
        **_figure_json("eer", rates.eer),
        "operating_points": [_point_json(point) for point in rates.operating_points],
        **_figure_json("cllr", rates.cllr),
        "min_cllr": rates.min_cllr,
        **_reason("min_cllr", rates.min_cllr, rates.cllr.reason if isinstance(rates.cllr, Missing) else ""),
    }


def _point_json(point: OperatingPoint) -> dict[str, object]:
    return {"fmr": point.fmr, **_figure_json("fnmr", point.fnmr), "threshold": point.threshold}


def _attack_json(rates: AttackRates) -> dict[str, object]:
    matched = [
        {"modality": str(item.source), "fmr": item.fmr, **_proportion_json("iapmr", item.matched, "")}
        for item in rates.matched
    ]
    return {
        "n": rates.accepted.of,
        **_proportion_json("iapar", rates.accepted, NO_ATTACK_JUDGED),
        "iapmr": matched,
        "riapar": rates.relative,
        **_reason("riapar", rates.relative, NO_CHECKS),
        "checks": _checks_json(rates.checks),
        **({} if rates.checks else {"checks_reason": NO_CHECKS}),
    }


def _checks_json(shares: Mapping[str, Proportion]) -> dict[str, object]:
    return {name: _proportion_json("rate", share, "the check assessed none") for name, share in shares.items()}


def _figure_json(name: str, figure: Figure) -> dict[str, object]:
    if isinstance(figure, Estimate):
        return {name: figure.value, f"{name}_ci": list(figure.interval)}
    return {name: None, f"{name}_ci": None, f"{name}_reason": figure.reason}


def _proportion_json(name: str, share: Proportion, reason: str) -> dict[str, object]:
    interval = None if share.interval is None else list(share.interval)
    counted = {name: share.rate, f"{name}_ci": interval, f"{name}_count": share.count, f"{name}_of": share.of}
    return {**counted, **_reason(name, share.rate, reason)}


def _reason(name: str, value: float | None, reason: str) -> dict[str, object]:
    return {f"{name}_reason": reason} if value is None else {}
