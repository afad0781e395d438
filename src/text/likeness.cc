#include "text/likeness.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "text/letters.h"
#include "text/places.h"
#include "text/words.h"

namespace cityloop::text {
namespace {

constexpr double kPlaceWeight = 2;     // of what lies in the name of a place
constexpr double kRegionWeight = 0.6;  // of what lies in the name of a district or a city: many have it
constexpr std::size_t kSmallest = 64;  // texts; below, rarities are counted anew with every text
constexpr std::uint64_t kRowSeed = 0x30;
constexpr std::uint64_t kStemSeed = 0x40;

// By how much each byte of the text counts.
std::vector<float> weights_of_places(std::string_view text) {
  std::vector<float> out(text.size(), 1.0F);
  for (const Place& place : places_in(text)) {
    const auto from = std::size_t(place.name.data() - text.data());
    std::fill_n(out.begin() + std::ptrdiff_t(from), place.name.size(),
                float(place.precise ? kPlaceWeight : kRegionWeight));
  }
  return out;
}

// What a search has met, by slot: all zero between two searches. One a thread, whichever index it asks.
struct Scratch {
  std::vector<float> part;
  std::vector<std::uint32_t> met;
};

Scratch& scratch_for(std::size_t slots) {
  thread_local Scratch scratch;
  if (scratch.part.size() < slots) scratch.part.resize(slots);
  return scratch;
}

double dot(const auto& a, const auto& b) {
  double sum = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (x->hash < y->hash) ++x;
    else if (y->hash < x->hash) ++y;
    else sum += double(x++->weight) * (y++)->weight;
  }
  return sum;
}

}  // namespace

std::vector<LikenessIndex::Term> LikenessIndex::counts_of(std::string_view text) {
  const std::vector<float> weight = weights_of_places(text);
  std::vector<Term> all;
  Letter before{};
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = next_letter(text, at);
    if (is_han(letter.code)) {
      if (is_han(before.code)) {
        all.push_back({hash64(text.substr(before.begin, letter.end - before.begin), kRowSeed),
                       std::max(weight[before.begin], weight[letter.begin])});
      }
      before = letter;
    } else if (is_alphabetic(letter.code) || is_digit(letter.code)) {
      std::size_t end = letter.end;
      while (at < text.size()) {
        const Letter next = next_letter(text, at);
        if (!is_alphabetic(next.code) && !is_digit(next.code)) break;
        end = next.end;
      }
      at = end;
      const std::string_view word = text.substr(letter.begin, end - letter.begin);
      all.push_back({hash64(english_stem(word), kStemSeed), weight[letter.begin]});
      before = {};
    } else if (letter.code != ' ') {
      before = {};  // rows of letters do not run over punctuation, but over blanks between words
    }
  }
  // Of one term's occurrences the one that weighs most, and a little more for each further one.
  std::ranges::sort(
      all, [](const Term& a, const Term& b) { return a.hash != b.hash ? a.hash < b.hash : a.weight > b.weight; });
  std::vector<Term> out;
  for (auto first = all.begin(); first != all.end();) {
    const auto next = std::find_if(first, all.end(), [&](const Term& term) { return term.hash != first->hash; });
    out.push_back({first->hash, first->weight * float(1 + std::log(double(next - first)))});
    first = next;
  }
  return out;
}

std::vector<LikenessIndex::Term> LikenessIndex::weigh(const std::vector<Term>& counts) const {
  std::vector<Term> out = counts;
  double square = 0;
  for (Term& term : out) {
    const auto list = lists_.find(term.hash);
    const double texts = list == lists_.end() ? 0 : list->second.texts;
    term.weight *= float(std::log((double(weighed_texts_) + 2) / (std::min(texts, double(weighed_texts_)) + 1)));
    square += double(term.weight) * term.weight;
  }
  const auto scale = float(square > 0 ? 1 / std::sqrt(square) : 0);
  for (Term& term : out) term.weight *= scale;
  return out;
}

void LikenessIndex::post(std::uint32_t slot) {
  slots_[slot].terms = weigh(slots_[slot].counts);
  for (const Term& term : slots_[slot].terms) lists_[term.hash].postings.push_back({slot, term.weight});
}

// Everything again from the texts that are there: rarities, lists, and no trace of those removed.
void LikenessIndex::count_anew() {
  ++recounts_;
  std::vector<Slot> kept;
  kept.reserve(slot_of_.size());
  for (Slot& slot : slots_) {
    if (slot.used) kept.push_back(std::move(slot));
  }
  slots_ = std::move(kept);
  lists_.clear();
  slot_of_.clear();
  dead_ = 0;
  weighed_texts_ = slots_.size();
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    slot_of_[slots_[slot].id] = slot;
    for (const Term& term : slots_[slot].counts) ++lists_[term.hash].texts;
  }
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) post(slot);
}

void LikenessIndex::add(std::uint64_t id, std::string_view normal) {
  remove(id);
  put_back(id, normal);
  if (slot_of_.size() < kSmallest || slot_of_.size() >= 2 * weighed_texts_) count_anew();
}

void LikenessIndex::put_back(std::uint64_t id, std::string_view normal) {
  const auto slot = std::uint32_t(slots_.size());
  slots_.push_back({id, true, counts_of(normal), {}});
  slot_of_[id] = slot;
  post(slot);
}

void LikenessIndex::remove(std::uint64_t id) {
  const auto found = slot_of_.find(id);
  if (found == slot_of_.end()) return;
  Slot& slot = slots_[found->second];
  slot.used = false;
  slot.counts = {};
  slot.terms = {};
  slot_of_.erase(found);
  if (++dead_ > slot_of_.size() + kSmallest) count_anew();
}

std::vector<Alike> LikenessIndex::nearest(std::string_view normal, double least, std::size_t most) const {
  return search(weigh(counts_of(normal)), least, most, UINT32_MAX);
}

std::vector<Alike> LikenessIndex::nearest_to(std::uint64_t id, double least, std::size_t most) const {
  const auto found = slot_of_.find(id);
  if (found == slot_of_.end()) return {};
  return search(slots_[found->second].terms, least, most, found->second);
}

double LikenessIndex::likeness(std::uint64_t a, std::uint64_t b) const {
  const auto first = slot_of_.find(a);
  const auto second = slot_of_.find(b);
  if (first == slot_of_.end() || second == slot_of_.end()) return 0;
  return dot(slots_[first->second].terms, slots_[second->second].terms);
}

LikenessIndex::Probe LikenessIndex::probe(std::uint64_t id) const {
  Probe out;
  out.index_ = this;
  const auto found = slot_of_.find(id);
  if (found == slot_of_.end()) return out;
  const std::vector<Term>& terms = slots_[found->second].terms;
  out.cells_.resize(std::bit_ceil(2 * terms.size() + 1));
  for (const Term& term : terms) {
    if (term.weight == 0) continue;
    std::size_t at = term.hash & (out.cells_.size() - 1);
    while (out.cells_[at].weight != 0) at = (at + 1) & (out.cells_.size() - 1);
    out.cells_[at] = {term.hash, term.weight};
  }
  return out;
}

// Adds up in the order of the terms' hashes, as dot() does.
double LikenessIndex::Probe::likeness(std::uint64_t other) const {
  if (cells_.empty()) return 0;
  const auto found = index_->slot_of_.find(other);
  if (found == index_->slot_of_.end()) return 0;
  double sum = 0;
  for (const Term& term : index_->slots_[found->second].terms) {
    std::size_t at = term.hash & (cells_.size() - 1);
    while (cells_[at].weight != 0 && cells_[at].hash != term.hash) at = (at + 1) & (cells_.size() - 1);
    if (cells_[at].weight != 0) sum += double(cells_[at].weight) * term.weight;
  }
  return sum;
}

void LikenessIndex::save_rarities(base::ByteWriter& out) const {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> texts;
  for (const auto& [hash, list] : lists_) {
    if (list.texts > 0) texts.emplace_back(hash, list.texts);
  }
  std::ranges::sort(texts);
  out.varint(weighed_texts_);
  out.varint(dead_);
  out.varint(texts.size());
  std::uint64_t before = 0;
  for (const auto& [hash, number] : texts) {
    out.varint(hash - before);
    out.varint(number);
    before = hash;
  }
}

base::Status LikenessIndex::load_rarities(base::ByteReader& in) {
  weighed_texts_ = in.varint();
  dead_ = in.varint();
  std::uint64_t hash = 0;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    hash += in.varint();
    lists_[hash].texts = std::uint32_t(in.varint());
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the rarities of a likeness index are damaged");
  return {};
}

// The rarest terms first, until what is left could not lift a text over the bar by itself: the long lists of common
// terms are hardly ever read. What was met on the way and can still reach the bar is then measured whole.
std::vector<Alike> LikenessIndex::search(const std::vector<Term>& terms, double least, std::size_t most,
                                         std::uint32_t leave_out) const {
  struct Read {
    const List* list;
    float weight;
  };
  least = std::max(least, 0.05);
  std::vector<Read> reads;
  double left = 0;
  for (const Term& term : terms) {
    const auto list = lists_.find(term.hash);
    if (list == lists_.end() || list->second.postings.empty()) continue;
    reads.push_back({&list->second, term.weight});
    left += double(term.weight) * term.weight;
  }
  std::ranges::stable_sort(reads, {}, [](const Read& read) { return read.list->postings.size(); });
  Scratch& scratch = scratch_for(slots_.size());
  const double stop = 0.5 * least * least;  // what is left has 0.7 of the bar: most of those met fall out unmeasured
  for (const Read& read : reads) {
    if (left < stop) break;
    for (const Posting& posting : read.list->postings) {
      float& part = scratch.part[posting.slot];
      if (part == 0) scratch.met.push_back(posting.slot);
      part += read.weight * posting.weight;
    }
    left -= double(read.weight) * read.weight;
  }
  const double reach = std::sqrt(std::max(0.0, left));
  std::vector<Alike> out;
  for (const std::uint32_t slot : scratch.met) {
    const float part = std::exchange(scratch.part[slot], 0.0F);
    if (slot == leave_out || !slots_[slot].used || part + reach < least) continue;
    const double likeness = dot(terms, slots_[slot].terms);
    if (likeness >= least) out.push_back({slots_[slot].id, likeness});
  }
  scratch.met.clear();
  const auto better = [](const Alike& a, const Alike& b) {
    return a.likeness != b.likeness ? a.likeness > b.likeness : a.id < b.id;
  };
  std::ranges::sort(out, better);
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace cityloop::text
