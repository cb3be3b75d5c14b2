"""Language models in the tax laboratory: workers, planners, candidates, voters, and their words.

Everything is asked through `wmjax.llm`: concurrent, budgeted, cached and logged. A failure of a
model never ends a run: the last valid decision stands, marked.
"""

from wmjax.tax.language._authors import Written as Written
from wmjax.tax.language._authors import write_personas as write_personas
from wmjax.tax.language._campaign import LanguageCampaign as LanguageCampaign
from wmjax.tax.language._cast import Cast as Cast
from wmjax.tax.language._cast import Guidance as Guidance
from wmjax.tax.language._electorate import LanguageElectorate as LanguageElectorate
from wmjax.tax.language._formulas import utility_in_words as utility_in_words
from wmjax.tax.language._formulas import welfare_in_words as welfare_in_words
from wmjax.tax.language._leader import EverybodyStands as EverybodyStands
from wmjax.tax.language._leader import LanguageLeader as LanguageLeader
from wmjax.tax.language._planner import LanguagePlanner as LanguagePlanner
from wmjax.tax.language._prompting import COT as COT
from wmjax.tax.language._prompting import IO as IO
from wmjax.tax.language._prompting import SELF_CONSISTENCY as SELF_CONSISTENCY
from wmjax.tax.language._prompting import Prompting as Prompting
from wmjax.tax.language._prompting import prompting as prompting
from wmjax.tax.language._prompts import prompt_version as prompt_version
from wmjax.tax.language._recall import Recall as Recall
from wmjax.tax.language._workers import LanguageWorkers as LanguageWorkers
from wmjax.tax.language._workers import Surveyed as Surveyed
