"""What breaks the rules for outputs: triples (rule, change, message)."""

from nbformat.v4 import new_output

from tests.notebooks.rules import outputs
from tests.notebooks.sample import (
    LONG_CAPTION,
    PICTURE,
    book,
    forget_outputs,
    metadata,
    output,
    shown,
    source,
    stamp,
    stdout,
)

OUTPUTS = [
    (
        outputs.no_errors,
        output(new_output("error", ename="ValueError", evalue="no", traceback=[])),
        "cell 7: stored error ValueError: no",
    ),
    (
        outputs.no_stderr,
        output(new_output("stream", name="stderr", text="mind the gap")),
        "cell 7: stored stderr 'mind the gap'",
    ),
    (outputs.no_debris, stdout("UserWarning: mind"), "cell 7: debris in the output: 'Warning:'"),
    (outputs.no_debris, stdout("Traceback (most recent call last)"), "'Traceback'"),
    (outputs.no_debris, stdout(" 50%|#####     | 5/10"), "'50%|'"),
    (outputs.no_debris, stdout("[00:01<00:01, 4.5it/s]"), "'it/s]'"),
    (outputs.no_debris, stdout("step 1\rstep 2"), r"'\r'"),
    (outputs.no_debris, shown("text/plain", "<Net object at 0x7f00aabbcc>"), "'at 0x7f00aabbcc'"),
    (
        outputs.no_debris,
        shown("application/vnd.jupyter.widget-view+json", {}),
        "cell 7: a widget in the output",
    ),
    (outputs.no_machine_paths, stdout("in /" + "tmp/model.pt"), "cell 7: path of one machine"),
    (outputs.no_machine_paths, source("open('/" + "home/anna/a.csv')"), "cell 7: path of one"),
    (outputs.no_machine_paths, source("See /" + "Users/anna.", 0), "cell 0: path of one machine"),
    (outputs.short_outputs, stdout("epoch\n" * 61), "cell 7: 61 lines printed; at most 60"),
    (outputs.tables_complete, shown("text/html", "<td>NaN</td>"), "cell 7: NaN in a table"),
    (outputs.tables_complete, shown("text/plain", "PCA  nan"), "cell 7: NaN in a table"),
    (outputs.figures_described, book(image={"alt": " "}), "cell 8: a figure without alt text"),
    (outputs.figures_described, book(figure={}), "cell 8: a figure without a caption"),
    (
        outputs.figures_described,
        lambda n: n.cells[17].metadata.pop("mystnb"),
        "cell 17: a figure without alt text",
    ),
    (outputs.figures_described, output(PICTURE, PICTURE), "cell 7: 2 figures"),
    (
        outputs.short_captions,
        book(figure={"caption": LONG_CAPTION}),
        "cell 8: caption of more than 8 words",
    ),
    (outputs.images_in_text_described, source("![](dot.png)", 0), "cell 0: an image in the text"),
    (
        outputs.images_in_text_described,
        source('<img src="dot.png" alt="">', 0),
        "cell 0: an image in the text",
    ),
    (
        outputs.portable_metadata,
        metadata(kernelspec={"name": "my-env", "display_name": "x"}),
        "the kernel is not 'python3'",
    ),
    (outputs.portable_metadata, metadata(widgets={}), "the state of widgets"),
    (outputs.portable_metadata, lambda n: n.cells[5].update(id="cell-3"), "not unique"),
    (
        outputs.portable_metadata,
        lambda n: n.cells[5].update(cell_type="coding"),
        "not a valid notebook",
    ),
    (outputs.small_file, stdout("x" * 3_100_000), "3.1 MB; at most 3"),
    (outputs.has_outputs, forget_outputs, "no stored outputs"),
    (
        outputs.run_in_order,
        lambda n: n.cells[5].update(execution_count=7),
        "execution counts are not 1, 2, 3",
    ),
    (
        outputs.run_in_order,
        lambda n: n.cells[5].update(execution_count=None),
        "execution counts are not",
    ),
    (outputs.fresh, source("x = 2"), "a code cell changed after the outputs were made"),
    (
        outputs.stamped_full,
        metadata(coursekit={"profile": "full"}),
        "lacks date, device, fingerprint, seconds, versions",
    ),
    (outputs.stamped_full, stamp(profile="quick"), "come from the profile 'quick', not 'full'"),
]
