//! The compiled steps of a funnel. Texts are compared with the dictionaries of a block, each distinct key once.

use super::chain::ChainRules;
use crate::error::{Error, Result};
use crate::ingest::goal_match::stored_text::StoredText;
use crate::ingest::hit::ActionKind;
use crate::model::funnel::{CompiledStep, FunnelSettings};
use crate::reports::columns::block::Block;
use crate::reports::columns::step_codes::{GOAL_COLUMN, PAGE_COLUMN, STEP_COLUMNS, StepCodes, StepSet};
use crate::reports::columns::{ColumnId, ColumnPart, DictKey, Repeated};
use crate::store::labels::LabelTexts;
use foldhash::HashMap;
use rusqlite::Connection;
use std::sync::{Mutex, PoisonError};

/// The steps that keys of a column take.
type Known = HashMap<DictKey, StepSet>;

/// The compiled steps of a funnel.
#[derive(Debug)]
pub struct FunnelSteps {
    /// The rules of the chain.
    pub rules: ChainRules,
    domain: String,
    steps: Vec<CompiledStep>,
    /// For each of [`STEP_COLUMNS`] what was compared before.
    known: Mutex<[Known; STEP_COLUMNS.len()]>,
    reads_pages: bool,
}

impl FunnelSteps {
    /// Compiles the steps of a funnel of a site with this domain. A stored step that this version cannot compile is taken by
    /// nobody.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for more steps than a set of them holds.
    pub fn compile(domain: &str, funnel: &FunnelSettings) -> Result<Self> {
        let rules = ChainRules::new(funnel);
        if funnel.steps.len() > ChainRules::STEPS_MAX {
            return Err(Error::invalid("steps", "That are too many steps."));
        }
        // Nothing matches a goal without an id.
        let nobody = CompiledStep::Goal(crate::model::id::GoalId(-1));
        let steps = funnel.steps.iter().map(|step| step.rule.compile().unwrap_or_else(|_| nobody.clone()));
        Ok(Self {
            reads_pages: rules.has_direct(),
            rules,
            domain: domain.to_owned(),
            steps: steps.collect(),
            known: Mutex::default(),
        })
    }

    /// Reads all page views, so that those after a step are known.
    #[must_use]
    pub fn with_pages(self) -> Self {
        Self { reads_pages: true, ..self }
    }

    /// Iterates over the dictionaries in which the steps are looked up.
    pub fn dictionaries(&self) -> impl Iterator<Item = ColumnPart> + '_ {
        let columns = (0..STEP_COLUMNS.len()).filter(|place| self.is_asked(*place));
        columns.map(|place| ColumnPart::Dictionary(ColumnId::Repeated(STEP_COLUMNS[place])))
    }

    /// Returns the steps that each item of a block takes.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn resolve(&self, connection: &Connection, block: &Block) -> Result<StepCodes> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts = LabelTexts::prepare(connection)?;
        let mut codes = StepCodes { reads_pages: self.reads_pages, ..StepCodes::default() };
        for place in (0..STEP_COLUMNS.len()).filter(|place| self.is_asked(*place)) {
            let keys = &block.dictionary(ColumnId::Repeated(STEP_COLUMNS[place])).keys;
            let known = &mut known[place];
            let mut steps = Vec::with_capacity(keys.len());
            let mut any = 0;
            for key in keys.all() {
                let taken = if let Some(taken) = known.get(&key) {
                    *taken
                } else {
                    let taken = self.taken_by(place, key, &mut texts)?;
                    known.insert(key, taken);
                    taken
                };
                any |= taken;
                steps.push(taken);
            }
            if any != 0 {
                codes.steps[place] = steps;
            }
        }
        Ok(codes)
    }

    /// Returns true if a step is of the column at a place.
    fn is_asked(&self, place: usize) -> bool {
        self.steps.iter().any(|step| place_of(step) == place)
    }

    fn taken_by(&self, place: usize, key: DictKey, texts: &mut LabelTexts<'_>) -> Result<StepSet> {
        let Repeated::Actions(kind) = STEP_COLUMNS[place] else {
            return Ok(self.set(
                |step| matches!(step, CompiledStep::Goal(goal) if goal.0.cast_unsigned() == key && key != 0),
            ));
        };
        let text = if key == 0 { None } else { texts.find(key.cast_signed())? };
        let Some(text) = text else { return Ok(0) };
        let text = StoredText::new(kind, &text, &self.domain);
        Ok(self.set(|step| match (kind, step) {
            (ActionKind::PageView, CompiledStep::Page(pattern))
            | (ActionKind::Download, CompiledStep::Download(pattern)) => text.is_address(pattern),
            (ActionKind::Event, CompiledStep::Event(pattern))
            | (ActionKind::Outbound, CompiledStep::Outbound(pattern)) => text.is_text(pattern),
            _ => false,
        }))
    }

    fn set(&self, is_taken: impl Fn(&CompiledStep) -> bool) -> StepSet {
        let steps = self.steps.iter().enumerate().filter(|(_, step)| is_taken(step));
        steps.fold(0, |set, (place, _)| set | 1 << place)
    }
}

fn place_of(step: &CompiledStep) -> usize {
    let kind = match step {
        CompiledStep::Goal(_) => return GOAL_COLUMN,
        CompiledStep::Page(_) => return PAGE_COLUMN,
        CompiledStep::Event(_) => ActionKind::Event,
        CompiledStep::Download(_) => ActionKind::Download,
        CompiledStep::Outbound(_) => ActionKind::Outbound,
    };
    STEP_COLUMNS.iter().position(|column| *column == Repeated::Actions(kind)).unwrap_or(PAGE_COLUMN)
}
