"""The only reader of the environment: `variables` reads, `answering` and `clinic` wire what the settings name."""

from flexura.settings.answering import build_predictor as build_predictor
from flexura.settings.answering import intake_limits as intake_limits
from flexura.settings.answering import models_folder as models_folder
from flexura.settings.answering import open_bundle as open_bundle
from flexura.settings.answering import open_reader as open_reader
from flexura.settings.answering import plan_assessment as plan_assessment
from flexura.settings.answering import plan_batching as plan_batching
from flexura.settings.answering import plan_check as plan_check
from flexura.settings.clinic import choose_key_place as choose_key_place
from flexura.settings.clinic import connect_store as connect_store
from flexura.settings.clinic import open_hsm_keys as open_hsm_keys
from flexura.settings.clinic import open_store as open_store
from flexura.settings.clinic import read_master_keys as read_master_keys
from flexura.settings.clinic import read_party as read_party
from flexura.settings.clinic import read_registration as read_registration
from flexura.settings.variables import PREFIX as PREFIX
from flexura.settings.variables import VARIABLES as VARIABLES
from flexura.settings.variables import Secret as Secret
from flexura.settings.variables import Settings as Settings
from flexura.settings.variables import Variable as Variable
from flexura.settings.variables import parse_card_mm as parse_card_mm
from flexura.settings.variables import parse_corrections as parse_corrections
from flexura.settings.variables import parse_steps as parse_steps
from flexura.settings.variables import read_settings as read_settings
from flexura.settings.variables import unknown_variables as unknown_variables
