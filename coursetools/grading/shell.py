"""IPython in a box: what a cell may hold in a notebook, it may hold here.

Magics that run Python or write it to a file work, and so does `await`. Other magics and every
`!command` do nothing: they install packages, draw pictures or ask the machine.
"""

import sys

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

WORK = {"capture", "cd", "env", "file", "prun", "pwd", "run", "set_env", "time", "writefile"}
RECORDS = ("In", "Out", "_ih")  # of what ran before; nothing is recorded here


class Shell(InteractiveShell):
    """An IPython shell with the magics of `WORK` and those that the student's code registers."""

    def init_magics(self):
        super().init_magics()
        kinds = self.magics_manager.magics.values()
        self.idle = {name for kind in kinds for name in kind} - WORK

    def run(self, cell: str, name: str) -> None:
        """Run a cell, called `name` in messages; raise what it raised."""
        self.compile.get_code_name = lambda *_: f"<{name}>"
        self.error = None
        self.run_cell(cell, silent=True)
        if self.error:
            raise self.error

    def run_line_magic(self, magic_name, line, _stack_depth=1):
        if magic_name in self.idle or not self.find_line_magic(magic_name):
            return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name, line, cell):
        if magic_name in self.idle:
            return None
        if self.find_cell_magic(magic_name):
            return super().run_cell_magic(magic_name, line, cell)
        self.run_cell(cell, silent=True)  # an extension's, such as %%memit
        return None

    def system(self, cmd):
        """Do nothing."""

    def getoutput(self, cmd, split=True, depth=0):
        """Do nothing."""

    def showtraceback(self, exc_tuple=None, *arguments, **options):
        """Keep the error, which a magic may have caught, instead of printing it."""
        self.error = (exc_tuple or sys.exc_info())[1]

    def showsyntaxerror(self, *arguments, **options):
        self.showtraceback()


def start() -> Shell:
    """The shell of this process, whose cells import from the working directory, but last."""
    quiet = Config()
    quiet.HistoryManager.enabled = False
    shell = Shell.instance(config=quiet)
    for name in RECORDS:
        shell.user_ns.pop(name, None)
    sys.path.append("")  # a file there takes the place of no installed module
    return shell


def compile_eagerly(torch) -> None:
    """Let `torch.compile` run what it is given as it is: it would need a C compiler."""
    wrap = torch.compile

    def compile(*arguments, **options):
        torch.compiler.set_stance("force_eager")  # here, since it takes a second
        return wrap(*arguments, **options)

    torch.compile = compile
