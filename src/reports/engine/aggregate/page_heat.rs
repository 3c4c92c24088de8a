//! The clicks and the reading of one page: its elements, the points of clicks, and the depths that visits reached. The column
//! of pages is scanned, and other columns are read only where it is the page.

use super::accumulator::{Accumulator, counted};
use super::counted_points::{CountedPoints, PointIn, SpotOf};
use super::page_uses::{CLICKS, READS, ReadingReader, click_counts};
use crate::limits;
use crate::model::device_class::DeviceClass;
use crate::model::device_type::DeviceType;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::{PackedInts, of_any_width, place};
use crate::reports::columns::page_use::{ClickNumber, ClickWindow};
use crate::reports::columns::{ColumnId, ColumnPart, DictKey, Repeated, pack_pair};
use crate::reports::dimension::GroupKey;
use crate::reports::results::heatmap::{ClickCounts, DEPTH_STEPS, PageReading};
use crate::store::visit_attribute::VisitAttribute;
use foldhash::{HashMap, HashMapExt};
use strum::VariantArray;

/// The column of devices.
const DEVICES: ColumnId = ColumnId::Property(VisitAttribute::DeviceType);
/// The thousandths of a page's height between two steps of depth.
const DEPTH_STEP: usize = 1_000 / (DEPTH_STEPS - 1);

/// An accumulator of the clicks and the reading of a page.
#[derive(Debug)]
pub struct PageHeat {
    page: DictKey,
    device: Option<DeviceClass>,
    /// The clicks.
    pub clicks: ClickCounts,
    /// The number of visits that clicked.
    pub visits: i64,
    /// The clicks by pairs of the element and its text; 0 for none.
    pub elements: HashMap<DictKey, ClickCounts>,
    /// The places of clicks within elements.
    pub spots: CountedPoints<SpotOf>,
    /// The places of clicks whose elements are not known.
    pub points: CountedPoints<PointIn>,
    /// The sums of the reading.
    pub reading: PageReading,
    /// The number of visits whose depth lies from each step to the next.
    depths: [i64; DEPTH_STEPS],
}

impl PageHeat {
    /// Counts a page, in windows of one class or in all.
    pub fn new(page: DictKey, device: Option<DeviceClass>) -> Self {
        Self {
            page,
            device,
            clicks: ClickCounts::default(),
            visits: 0,
            elements: HashMap::new(),
            spots: CountedPoints::new(limits::HEATMAP_CELLS_COUNTED_MAX),
            points: CountedPoints::new(limits::HEATMAP_CELLS_COUNTED_MAX),
            reading: PageReading::default(),
            depths: [0; DEPTH_STEPS],
        }
    }

    /// Returns the number of visits that reached each step.
    pub fn reached(&self) -> [i64; DEPTH_STEPS] {
        let mut reached = self.depths;
        for step in (1..DEPTH_STEPS).rev() {
            reached[step - 1] += reached[step];
        }
        reached
    }

    fn add_clicks(&mut self, block: &Block, rows: &Selection) {
        let Some(code) = code_of(block, CLICKS, self.page) else { return };
        let numbers = |number| block.numbers(ColumnPart::Click(number));
        let (elements, texts) = (numbers(ClickNumber::Element), numbers(ClickNumber::Text));
        let (spots, points) = (numbers(ClickNumber::Spot), numbers(ClickNumber::Point));
        let windows = numbers(ClickNumber::Window);
        let mut last_visit = usize::MAX;
        of_any_width!(block.codes(CLICKS), |at| {
            block.each_in(Repeated::Clicks, rows, |visit, row| {
                if place(at(row)) != code {
                    return;
                }
                let window = ClickWindow::unpack(windows.get(row));
                if !self.has_window(window.width) {
                    return;
                }
                let counts = click_counts(window);
                self.clicks.add(&counts);
                self.visits += i64::from(std::mem::replace(&mut last_visit, visit) != visit);
                let element = elements.get(row);
                if element == 0 {
                    self.points.add(PointIn::new(window.width, points.get(row)));
                } else {
                    self.add_element(pack_pair(element, texts.get(row)), &counts);
                    self.spots.add(SpotOf::new(element, spots.get(row)));
                }
            });
        });
    }

    /// Counts an element, as long as there is room: clicks on others are in the sums alone.
    fn add_element(&mut self, element: DictKey, counts: &ClickCounts) {
        if let Some(known) = self.elements.get_mut(&element) {
            known.add(counts);
        } else if self.elements.len() < limits::HEATMAP_ELEMENTS_COUNTED_MAX {
            self.elements.insert(element, *counts);
        }
    }

    fn add_reads(&mut self, block: &Block, rows: &Selection) {
        let Some(code) = code_of(block, READS, self.page) else { return };
        let (reader, codes) = (ReadingReader::new(block), block.codes(READS));
        let devices: (&PackedInts, &PackedInts) = (&block.dictionary(DEVICES).keys, block.codes(DEVICES));
        block.each_in(Repeated::Reads, rows, |visit, row| {
            let is_of_device =
                || self.device.is_none_or(|wanted| class_of(devices.0.get(devices.1.place(visit))) == wanted);
            if codes.place(row) != code || !is_of_device() {
                return;
            }
            reader.add(&mut self.reading, row);
            if let Some(depth) = reader.depth(row) {
                let step = usize::try_from(depth).unwrap_or(0) / DEPTH_STEP;
                self.depths[step.min(DEPTH_STEPS - 1)] += 1;
            }
        });
    }

    /// Returns true if clicks in a window count; 0 is a width that is not known.
    fn has_window(&self, width: u32) -> bool {
        self.device.is_none_or(|device| width > 0 && DeviceClass::of_width(width) == device)
    }
}

/// Returns the code of a page in a column of a block, if it occurs there.
fn code_of(block: &Block, column: ColumnId, page: DictKey) -> Option<usize> {
    block.dictionary(column).keys.all().position(|key| key == page)
}

/// Returns the class of the windows of a device, by the code of its type.
fn class_of(device: DictKey) -> DeviceClass {
    match DeviceType::from_code(device.cast_signed()) {
        Some(DeviceType::Phone) => DeviceClass::Phone,
        Some(DeviceType::Tablet) => DeviceClass::Tablet,
        _ => DeviceClass::Desktop,
    }
}

impl Accumulator for PageHeat {
    fn needs(&self, projection: &mut Projection) {
        projection.offsets([Repeated::Clicks]);
        projection.parts.extend([ColumnPart::Dictionary(CLICKS), ColumnPart::Codes(CLICKS)]);
        projection.parts.extend(ClickNumber::VARIANTS.iter().copied().map(ColumnPart::Click));
        ReadingReader::needs(projection);
        if self.device.is_some() {
            projection.rows_by(GroupKey::Property(VisitAttribute::DeviceType));
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        self.add_clicks(block, rows);
        self.add_reads(block, rows);
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.page, self.device))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        self.clicks.add(&fork.clicks);
        self.visits += fork.visits;
        for (element, counts) in fork.elements {
            self.add_element(element, &counts);
        }
        self.spots.merge(fork.spots);
        self.points.merge(fork.points);
        self.reading.add(&fork.reading);
        self.depths.iter_mut().zip(fork.depths).for_each(|(mine, theirs)| *mine += theirs);
    }
}
