"""The report: one HTML file that opens from disk, PNG copies of its charts, and the skill table as
plain text. Everything is written from frozen values; nothing here runs a model.
"""

from wmjax.report._blocks import Bullets as Bullets
from wmjax.report._blocks import Cell as Cell
from wmjax.report._blocks import Charts as Charts
from wmjax.report._blocks import Code as Code
from wmjax.report._blocks import Facts as Facts
from wmjax.report._blocks import Key as Key
from wmjax.report._blocks import Legend as Legend
from wmjax.report._blocks import Part as Part
from wmjax.report._blocks import Section as Section
from wmjax.report._blocks import Table as Table
from wmjax.report._content import Aim as Aim
from wmjax.report._content import Asked as Asked
from wmjax.report._content import Citation as Citation
from wmjax.report._content import Estimates as Estimates
from wmjax.report._content import Link as Link
from wmjax.report._content import Outlook as Outlook
from wmjax.report._content import Provenance as Provenance
from wmjax.report._content import ReportContent as ReportContent
from wmjax.report._content import Scenarios as Scenarios
from wmjax.report._content import ScenarioView as ScenarioView
from wmjax.report._content import SeriesView as SeriesView
from wmjax.report._content import Skill as Skill
from wmjax.report._fan import Chart as Chart
from wmjax.report._fan import Fan as Fan
from wmjax.report._fan import Line as Line
from wmjax.report._fan import Marks as Marks
from wmjax.report._fan import Path as Path
from wmjax.report._fan import Ribbon as Ribbon
from wmjax.report._fan import Window as Window
from wmjax.report._fan import fans as fans
from wmjax.report._scene import SERIES_TONES as SERIES_TONES
from wmjax.report._scene import Tone as Tone
from wmjax.report._section_structure import LinkWorth as LinkWorth
from wmjax.report._section_structure import StructureWorth as StructureWorth
from wmjax.report._section_structure import structure_section as structure_section
from wmjax.report._skill import skill_text as skill_text
from wmjax.report._spec_links import spec_links as spec_links
from wmjax.report._write import write_report as write_report
