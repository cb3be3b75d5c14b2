"""Language models: one way to ask, whoever answers. No JAX.

A call is an experiment: it is checked against its budgets, written down before it is sent and
again before it is judged, validated by our own types, repaired at most n times, and found again by
its content. A failed call fails by name; nothing takes the place of a missing answer.
"""

from wmjax._errors import BudgetSpent as BudgetSpent
from wmjax.llm._answer import Answer as Answer
from wmjax.llm._answer import Reply as Reply
from wmjax.llm._answer import Source as Source
from wmjax.llm._answer import Usage as Usage
from wmjax.llm._budget import Amount as Amount
from wmjax.llm._budget import Budget as Budget
from wmjax.llm._build import language_model as language_model
from wmjax.llm._build import replay as replay
from wmjax.llm._build import scripted as scripted
from wmjax.llm._exchange import Exchange as Exchange
from wmjax.llm._exchange import ExchangeSink as ExchangeSink
from wmjax.llm._exchange import Outcome as Outcome
from wmjax.llm._exchange import Recorded as Recorded
from wmjax.llm._exchange import Scope as Scope
from wmjax.llm._exchange import Verdict as Verdict
from wmjax.llm._failures import Empty as Empty
from wmjax.llm._failures import Invalid as Invalid
from wmjax.llm._failures import LLMFailure as LLMFailure
from wmjax.llm._failures import NotRecorded as NotRecorded
from wmjax.llm._failures import Refused as Refused
from wmjax.llm._failures import Rejected as Rejected
from wmjax.llm._failures import Truncated as Truncated
from wmjax.llm._failures import Unavailable as Unavailable
from wmjax.llm._keys import known_keys as known_keys
from wmjax.llm._loop import run_async as run_async
from wmjax.llm._memory import MemorySink as MemorySink
from wmjax.llm._model import Model as Model
from wmjax.llm._printable import one_line as one_line
from wmjax.llm._protocol import LanguageModel as LanguageModel
from wmjax.llm._protocol import Provider as Provider
from wmjax.llm._registry import providers as providers
from wmjax.llm._request import Message as Message
from wmjax.llm._request import Percent as Percent
from wmjax.llm._request import Request as Request
from wmjax.llm._request import WebSearch as WebSearch
from wmjax.llm._request import ask as ask
from wmjax.llm._schema import grammar_schema as grammar_schema
from wmjax.llm._schema import llm_schema as llm_schema
from wmjax.llm._settings import Budgets as Budgets
from wmjax.llm._settings import LLMSettings as LLMSettings
from wmjax.llm._settings import Price as Price
from wmjax.llm._wire import reply_document as reply_document
