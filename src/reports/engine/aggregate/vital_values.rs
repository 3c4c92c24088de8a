//! The values of web vitals, of all pages by device or of single pages, each value with its number.

use super::accumulator::{Accumulator, counted};
use super::counted_values::CountedValues;
use crate::model::vital::{VITALS, Vital};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::PackedInts;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey, Repeated};
use crate::reports::dimension::GroupKey;
use crate::reports::results::vitals::VitalsSummary;
use crate::store::visit_attribute::VisitAttribute;
use foldhash::{HashMap, HashMapExt, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use strum::VariantArray;

/// The column of measurements.
const VITALS_COLUMN: ColumnId = ColumnId::Repeated(Repeated::Vitals);
/// The column of devices.
const DEVICES: ColumnId = ColumnId::Property(VisitAttribute::DeviceType);
/// The values of some measurements.
#[derive(Debug, Default)]
pub struct Measurements {
    count: i64,
    values: [CountedValues<u32>; VITALS],
}

impl Measurements {
    /// Adds a row of a block, whose values are one higher than what was measured, and 0 where nothing was.
    fn add(&mut self, vitals: &[&PackedInts; VITALS], row: usize) {
        self.count += 1;
        for (values, column) in self.values.iter_mut().zip(vitals) {
            if let Some(value) = column.get(row).checked_sub(1) {
                values.add(u32::try_from(value).unwrap_or(u32::MAX));
            }
        }
    }

    /// Adds the values of other measurements.
    pub fn merge(&mut self, mut more: Self) {
        self.count += more.count;
        for (mine, theirs) in self.values.iter_mut().zip(&mut more.values) {
            mine.merge(std::mem::take(theirs));
        }
    }

    /// Adds a copy of the values of other measurements.
    pub fn add_all(&mut self, more: &Self) {
        self.count += more.count;
        for (mine, theirs) in self.values.iter_mut().zip(&more.values) {
            mine.add_all(theirs);
        }
    }

    /// Returns the summary.
    pub fn summary(&mut self) -> VitalsSummary {
        self.values.iter_mut().for_each(CountedValues::count);
        VitalsSummary::new(self.count, std::array::from_fn(|vital| self.values[vital].counted()))
    }
}

/// Returns the columns of the values of a block.
fn columns(block: &Block) -> [&PackedInts; VITALS] {
    std::array::from_fn(|vital| block.numbers(ColumnPart::Vital(Vital::VARIANTS[vital])))
}

fn needs(projection: &mut Projection) {
    projection.offsets([Repeated::Vitals]);
    projection.parts.extend(Vital::VARIANTS.iter().copied().map(ColumnPart::Vital));
    projection.rows_by(GroupKey::Property(VisitAttribute::DeviceType));
}

/// Calls `visit` with the code of the device and the number of each measurement.
fn each(block: &Block, rows: &Selection, mut visit: impl FnMut(DictKey, usize)) {
    let (devices, codes) = (&block.dictionary(DEVICES).keys, block.codes(DEVICES));
    block.each_in(Repeated::Vitals, rows, |owner, row| visit(devices.get(codes.place(owner)), row));
}

/// The bits by which different pages are counted.
const PAGE_BITS: u64 = 1 << 22;

/// An accumulator of the values of all pages, by the code of the device, and of about how many pages they are.
#[derive(Debug, Default)]
pub struct VitalsByDevice {
    /// The values by the code of the device.
    pub found: HashMap<DictKey, Measurements>,
    /// A bit for each page, which some pages share.
    pages: Vec<u64>,
}

impl VitalsByDevice {
    /// Returns about how many pages were measured; fewer than there are where they are millions.
    pub fn pages(&self) -> u64 {
        self.pages.iter().map(|bits| u64::from(bits.count_ones())).sum()
    }

    fn note_pages(&mut self, pages: impl Iterator<Item = DictKey>) {
        for page in pages {
            self.pages.resize(usize::try_from(PAGE_BITS / 64).unwrap_or(0), 0);
            let bit = hash(page) % PAGE_BITS;
            if let Some(bits) = self.pages.get_mut(usize::try_from(bit / 64).unwrap_or(0)) {
                *bits |= 1 << (bit % 64);
            }
        }
    }
}

fn hash(page: DictKey) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(page)
}

impl Accumulator for VitalsByDevice {
    fn needs(&self, projection: &mut Projection) {
        needs(projection);
        projection.parts.push(ColumnPart::Dictionary(VITALS_COLUMN));
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let vitals = columns(block);
        each(block, rows, |device, row| self.found.entry(device).or_default().add(&vitals, row));
        self.note_pages(block.dictionary(VITALS_COLUMN).keys.all());
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        for (device, values) in fork.found {
            self.found.entry(device).or_default().merge(values);
        }
        self.pages.resize(self.pages.len().max(fork.pages.len()), 0);
        self.pages.iter_mut().zip(fork.pages).for_each(|(mine, theirs)| *mine |= theirs);
    }
}

/// The pages whose values are collected.
#[derive(Clone, Debug)]
pub enum CountedPages {
    /// A part of all pages: its number, and how many there are.
    Part(u64, u64),
    /// These pages.
    Only(Arc<HashSet<DictKey>>),
}

impl CountedPages {
    fn has(&self, page: DictKey) -> bool {
        match self {
            Self::Part(_, 1) => true,
            Self::Part(part, parts) => hash(page) % parts == *part,
            Self::Only(pages) => pages.contains(&page),
        }
    }
}

/// An accumulator of the values of single pages.
#[derive(Debug)]
pub struct VitalsByPage {
    pages: CountedPages,
    /// The code of the device whose measurements count; `None` for all.
    device: Option<DictKey>,
    /// The values by page.
    pub found: HashMap<DictKey, Measurements>,
}

impl VitalsByPage {
    /// Collects the values of pages, on one device or on all.
    pub fn new(pages: CountedPages, device: Option<DictKey>) -> Self {
        Self { pages, device, found: HashMap::new() }
    }
}

impl Accumulator for VitalsByPage {
    fn needs(&self, projection: &mut Projection) {
        needs(projection);
        projection.parts.extend([ColumnPart::Dictionary(VITALS_COLUMN), ColumnPart::Codes(VITALS_COLUMN)]);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let (keys, codes) = (&block.dictionary(VITALS_COLUMN).keys, block.codes(VITALS_COLUMN));
        let is_counted: Vec<bool> = keys.all().map(|page| self.pages.has(page)).collect();
        let vitals = columns(block);
        each(block, rows, |device, row| {
            let place = codes.place(row);
            if is_counted[place] && self.device.is_none_or(|wanted| wanted == device) {
                self.found.entry(keys.get(place)).or_default().add(&vitals, row);
            }
        });
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.pages.clone(), self.device))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        for (page, values) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.found) {
            self.found.entry(page).or_default().merge(values);
        }
    }
}
