"""The documents and queries of the fake engine."""

from __future__ import annotations

from zsr_tui.domain import Doc, Query

_SUBJECTS = (
    "Vitamin B12 deficiency",
    "Elevated serum homocysteine",
    "Folate supplementation",
    "Methylmalonic acid",
    "Dietary choline intake",
    "Low plasma cobalamin",
    "Statin therapy",
    "Aspirin at low dose",
    "Regulatory T cells",
    "Intermittent fasting",
)
_EFFECTS = (
    "raises blood levels of homocysteine in elderly patients",
    "is associated with cognitive decline after ten years",
    "reduces the risk of stroke but not of myocardial infarction",
    "shows no effect on all-cause mortality in a randomised trial",
    "predicts cardiovascular events independently of age and smoking",
    "improves glycaemic control in adults with type 2 diabetes",
    "varies with the MTHFR C677T genotype in European populations",
)
_BODIES = (
    "We followed {n} participants for a median of 7.4 years. {s} {e}, and the association remained after "
    "adjustment for age, sex and renal function. Plasma homocysteine was measured at entry and "
    "after two years.",
    "Background: whether {s} {e} is disputed. Methods: a double-blind trial with {n} patients. Results: "
    "blood levels fell in both groups. Conclusions: the evidence is of moderate certainty.",
    "{s} {e}. In {n} samples the deficiency was more frequent than expected, and increases in blood pressure "
    "were not explained by diet alone.",
)


def demo_docs() -> dict[str, Doc]:
    """140 documents: every subject with every effect, twice."""
    docs: dict[str, Doc] = {}
    for number in range(140):
        subject = _SUBJECTS[number % 10]
        effect = _EFFECTS[(number // 10) % 7]
        body = _BODIES[number % 3].format(s=subject, e=effect, n=200 + 37 * number)
        doc_id = str(2048000 + 13 * number)
        docs[doc_id] = Doc(doc_id, f"{subject} {effect}", f"{body}\n\n{body.swapcase() if number % 41 == 40 else body}")
    return docs


DEMO_QUERIES = (
    Query("1", "Vitamin B12 deficiency raises blood homocysteine", shows="paraphrase"),
    Query("3", "folate lowers the risk of stroke"),
    Query("42", "a deficiency of vitamin B12 increases blood levels of homocysteine"),
    Query("57", "statin therapy and diabetes"),
    Query("60", "aspirin prevents myocardial infarction", shows="exact word"),
    Query("75", "regulatory T cells in fasting adults"),
)
