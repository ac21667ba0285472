"""A class that answers exercise 02.3 on its own, and what one does to somebody else's answer."""

STUB = '''# exercise 02.3, keep this line
def auc(scores, labels):
    """Return the area under the ROC curve."""
    # YOUR CODE HERE
    raise NotImplementedError()'''

BODIES = [
    """    positives = scores[labels == 1]
    negatives = scores[labels == 0]
    wins = (positives[:, None] > negatives[None, :]).sum()
    ties = (positives[:, None] == negatives[None, :]).sum()
    return (wins + 0.5 * ties) / (len(positives) * len(negatives))""",
    """    total = 0.0
    pairs = 0
    for i in range(len(scores)):
        if labels[i] != 1:
            continue
        for j in range(len(scores)):
            if labels[j] == 1:
                continue
            pairs += 1
            if scores[i] > scores[j]:
                total += 1
            elif scores[i] == scores[j]:
                total += 0.5
    return total / pairs""",
    """    thresholds = np.unique(scores)[::-1]
    tpr, fpr = [0.0], [0.0]
    for t in thresholds:
        predicted = scores >= t
        tpr.append(np.mean(predicted[labels == 1]))
        fpr.append(np.mean(predicted[labels == 0]))
    area = 0
    for a, b, c, d in zip(fpr[:-1], fpr[1:], tpr[:-1], tpr[1:]):
        area += (b - a) * (c + d) / 2
    return area""",
    """    from scipy.stats import rankdata

    ranks = rankdata(scores)
    n1 = np.sum(labels == 1)
    n0 = len(labels) - n1
    u = ranks[labels == 1].sum() - n1 * (n1 + 1) / 2
    return u / (n1 * n0)""",
    """    order = np.argsort(-scores, kind="stable")
    s, y = scores[order], labels[order]
    last = np.r_[np.nonzero(np.diff(s))[0], len(s) - 1]
    tp = np.cumsum(y)[last]
    fp = 1 + last - tp
    tp = np.concatenate([[0], tp]) / tp[-1]
    fp = np.concatenate([[0], fp]) / fp[-1]
    return np.trapezoid(tp, fp)""",
    """    good = np.sort(scores[labels == 0])
    bad = scores[labels == 1]
    below = np.searchsorted(good, bad, side="left")
    up_to = np.searchsorted(good, bad, side="right")
    return ((below + up_to) / 2).mean() / good.size""",
    """    difference = np.subtract.outer(scores[labels == 1], scores[labels == 0])
    return (np.sign(difference) + 1).mean() / 2""",
    """    groups = {}
    for score, label in zip(scores.tolist(), labels.tolist()):
        counts = groups.setdefault(score, [0, 0])
        counts[int(label)] += 1
    area, seen = 0.0, 0
    for score in sorted(groups):
        normal, anomalous = groups[score]
        area += anomalous * (seen + normal / 2)
        seen += normal
    n_anomalous = sum(c[1] for c in groups.values())
    return area / (seen * n_anomalous)""",
    """    scores = torch.as_tensor(scores)
    labels = torch.as_tensor(labels).bool()
    gaps = scores[labels].unsqueeze(1) - scores[~labels].unsqueeze(0)
    won = torch.where(gaps > 0, 1.0, torch.where(gaps == 0, 0.5, 0.0))
    return won.mean().item()""",
    """    sorted_scores = sorted(scores)
    ranks = {}
    i = 0
    while i < len(sorted_scores):
        j = i
        while j + 1 < len(sorted_scores) and sorted_scores[j + 1] == sorted_scores[i]:
            j += 1
        ranks[sorted_scores[i]] = (i + j) / 2 + 1
        i = j + 1
    rank_sum = sum(ranks[s] for s, l in zip(scores, labels) if l == 1)
    pos = int(labels.sum())
    neg = len(labels) - pos
    return (rank_sum - pos * (pos + 1) / 2) / (pos * neg)""",
    """    frame = pd.DataFrame({"score": scores, "label": labels})
    frame["rank"] = frame["score"].rank(method="average")
    sums = frame.groupby("label")["rank"].agg(["sum", "count"])
    n_pos, n_neg = sums.loc[1, "count"], sums.loc[0, "count"]
    return (sums.loc[1, "sum"] - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg)""",
    """    anomalous = [s for s, l in zip(scores, labels) if l]
    normal = [s for s, l in zip(scores, labels) if not l]
    points = 0
    for a in anomalous:
        points += sum(1 if a > n else 0.5 if a == n else 0 for n in normal)
    return points / len(anomalous) / len(normal)""",
]

BASE = '''# exercise 02.3, keep this line
def auc(scores, labels):
    """Return the area under the ROC curve."""
    hits, alarms = roc_points(scores, labels)
    return area_below(alarms, hits)


def roc_points(scores, labels):
    """The two rates at every cut, from the strictest on."""
    cuts = np.sort(np.unique(scores))[::-1]
    # one row a cut, one column a tile
    flagged = scores[None, :] >= cuts[:, None]
    hits = flagged[:, labels == 1].mean(axis=1)
    alarms = flagged[:, labels == 0].mean(axis=1)
    return np.insert(hits, 0, 0.0), np.insert(alarms, 0, 0.0)


def area_below(x, y):
    """Trapezoids."""
    widths = x[1:] - x[:-1]
    heights = (y[1:] + y[:-1]) / 2
    return float((widths * heights).sum())'''


def answer(body):
    """An answer cell with this body."""
    return "\n".join([*STUB.split("\n")[:3], body])


def renamed(source):
    """The same with other names."""
    for old, new in {
        "roc_points": "compute_curve",
        "area_below": "integrate",
        "hits": "true_positive_rate",
        "alarms": "fpr",
        "cuts": "thr",
        "flagged": "is_above_threshold",
        "widths": "dx",
        "heights": "h",
    }.items():
        source = source.replace(old, new)
    return source


def reordered(source):
    """The same with its functions in another order."""
    marker, rest = source.split("\n", 1)
    return "\n".join([marker, "\n\n\n".join(rest.split("\n\n\n")[::-1])])


def rewrapped(source):
    """The same with other comments, docstrings and white space."""
    lines = [line for line in source.split("\n") if not line.strip().startswith(("#", '"""'))]
    lines = [line.replace(" = ", "=").replace("    ", "  ") + "  # next" for line in lines if line]
    return "\n\n".join(["# exercise 02.3, keep this line", "# my own idea", *lines])


def padded(source):
    """The same and a function that nobody calls."""
    return f"""{source}


def plot_curve(x, y, title="ROC"):
    figure, axis = plt.subplots(figsize=(4, 4))
    axis.plot(x, y, color="k", linewidth=2)
    axis.set(xlabel="false alarms", ylabel="hits", title=title)
    plt.show()"""


COPIES = {
    "verbatim": BASE,
    "renamed": renamed(BASE),
    "reordered": reordered(BASE),
    "rewrapped": rewrapped(BASE),
    "padded": padded(BASE),
}
HONEST = {f"honest-{i:02d}": answer(body) for i, body in enumerate(BODIES)}
