"""Workers as people: drawn from a joint table of occupation, sex, age and wage."""

from wmjax.tax.personas._census import AGES as AGES
from wmjax.tax.personas._census import SEXES as SEXES
from wmjax.tax.personas._census import Census as Census
from wmjax.tax.personas._census import census as census
from wmjax.tax.personas._draw import draw_personas as draw_personas
from wmjax.tax.personas._draw import personas_for as personas_for
from wmjax.tax.personas._persona import Persona as Persona
from wmjax.tax.personas._persona import Taste as Taste
from wmjax.tax.personas._persona import content as content
from wmjax.tax.personas._persona import efforts_of as efforts_of
from wmjax.tax.personas._persona import skills_of as skills_of
from wmjax.tax.personas._rake import Margin as Margin
from wmjax.tax.personas._rake import rake as rake
from wmjax.tax.personas._spread import Spread as Spread
from wmjax.tax.personas._words import described as described
from wmjax.tax.personas._words import facts as facts
