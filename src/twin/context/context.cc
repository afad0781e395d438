#include "twin/context/context.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "twin/context/core_context.h"

namespace cityloop::twin {
namespace {

using flow::Name;

constexpr std::size_t kSlots = 1024;
constexpr std::size_t kSlotTextMax = 256;  // longer texts are not remembered

// A colon that parts a prefix from the rest, or a scheme from its IRI.
std::size_t colon_in(std::string_view text) {
  return text.find(':', 1);
}

bool is_keyword(std::string_view text) {
  return text.starts_with('@');
}

// Whether a name of the default vocabulary may stand there bare.
bool may_be_bare(std::string_view rest) {
  return !rest.empty() && colon_in(rest) == rest.npos && !is_keyword(rest) && !core_context::is_term(rest);
}

// Of two words for one thing JSON-LD takes the shorter one, then the one that sorts first.
bool better(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// What a thread has asked lately: names repeat from entity to entity, and the table of all names takes a lock.
struct Slot {
  std::uint64_t serial{0};
  std::string text;
  Name name;
};

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> serial{0};
  return ++serial;
}

}  // namespace

Context::Context() : serial_(next_serial()) {}

const ContextPtr& Context::core() {
  static const auto* const core = new ContextPtr(new Context);
  return *core;
}

std::string Context::iri_of(std::string_view canonical) {
  if (colon_in(canonical) != canonical.npos || is_keyword(canonical)) return std::string(canonical);
  const core_context::Iri core = core_context::iri_of(canonical);
  const bool is_core = !core.prefix.empty();
  return std::string(is_core ? core.prefix : kDefaultVocabulary).append(is_core ? core.rest : canonical);
}

std::string Context::canonical_of(std::string_view iri) {
  if (const std::string_view term = core_context::term_of(iri); !term.empty()) return std::string(term);
  if (iri.starts_with(kDefaultVocabulary)) {
    const std::string_view rest = iri.substr(kDefaultVocabulary.size());
    if (may_be_bare(rest)) return std::string(rest);
  }
  return std::string(iri);
}

std::string Context::expand_text(std::string_view term) const {
  if (term.empty() || is_keyword(term) || core_context::is_term(term)) return std::string(term);
  if (const auto found = terms_.find(term); found != terms_.end()) return found->second;
  const std::size_t colon = colon_in(term);
  if (colon == term.npos) {
    return vocabulary_.empty() ? std::string(term) : canonical_of(std::string(vocabulary_).append(term));
  }
  const std::string_view prefix = term.substr(0, colon);
  const std::string_view rest = term.substr(colon + 1);
  if (rest.starts_with("//") || prefix == "_") return canonical_of(term);
  if (const std::string_view core = core_context::prefix(prefix); !core.empty()) {
    return canonical_of(std::string(core).append(rest));
  }
  const auto found = prefixes_.find(prefix);
  return canonical_of(found == prefixes_.end() ? std::string(term) : std::string(found->second).append(rest));
}

Name Context::expand(std::string_view term) const {
  if (term.size() > kSlotTextMax) return Name(expand_text(term));
  thread_local std::array<Slot, kSlots> slots;
  Slot& slot = slots[(Hash{}(term) + serial_) % kSlots];
  if (slot.serial != serial_ || slot.text != term) {
    slot.name = Name(expand_text(term));
    slot.text = term;
    slot.serial = serial_;
  }
  return slot.name;
}

Name Context::lookup(std::string_view term) const {
  return Name::lookup(expand_text(term));
}

std::string_view Context::shortest_term(std::string_view canonical) const {
  const auto found = inverse_.find(canonical);
  const std::string_view mine = found == inverse_.end() ? std::string_view{} : std::string_view(found->second);
  if (!core_context::is_term(canonical)) return mine;
  return mine.empty() || better(canonical, mine) ? canonical : mine;
}

// The shortest compact IRI that means the same; empty when there is none.
std::string Context::with_prefix(std::string_view iri, std::string_view canonical) const {
  std::string best;
  const auto consider = [&](std::string_view prefix, std::size_t length) {
    if (prefix.empty() || iri.size() <= length) return;
    const std::string_view rest = iri.substr(length);
    if (!best.empty() && prefix.size() + rest.size() + 1 > best.size()) return;
    std::string text = std::string(prefix).append(":").append(rest);
    if ((best.empty() || better(text, best)) && expand_text(text) == canonical) best = std::move(text);
  };
  const std::string_view core = core_context::prefix_of(iri);
  consider(core, core_context::prefix(core).size());
  for (const std::size_t length : prefix_lengths_) {
    if (length >= iri.size()) continue;
    const auto found = prefix_of_.find(iri.substr(0, length));
    if (found != prefix_of_.end()) consider(found->second, length);
  }
  return best;
}

std::string Context::compact_text(std::string_view canonical) const {
  if (canonical.empty() || is_keyword(canonical)) return std::string(canonical);
  if (const std::string_view term = shortest_term(canonical); !term.empty()) return std::string(term);
  const bool is_bare = colon_in(canonical) == canonical.npos;
  if (is_bare && vocabulary_.empty() && !terms_.contains(canonical)) return std::string(canonical);
  const std::string iri = iri_of(canonical);
  if (!vocabulary_.empty() && iri.starts_with(vocabulary_)) {
    const std::string_view rest = std::string_view(iri).substr(vocabulary_.size());
    if (!rest.empty() && expand_text(rest) == canonical) return std::string(rest);
  }
  std::string compact = with_prefix(iri, canonical);
  return compact.empty() ? iri : compact;
}

std::string_view Context::compact(Name name, std::string& scratch) const {
  const std::string_view canonical = name.text();
  if (is_core() && colon_in(canonical) == canonical.npos) return canonical;
  thread_local std::array<Slot, kSlots> slots;
  Slot& slot = slots[(name.number() + serial_ * 31) % kSlots];
  if (slot.serial != serial_ || slot.name != name) {
    slot.text = compact_text(canonical);
    slot.name = name;
    slot.serial = serial_;
  }
  if (slot.text == canonical) return canonical;  // the table's own outlives whatever comes into the slot
  scratch = slot.text;
  return scratch;
}

Context::Builder::Builder() = default;
Context::Builder::~Builder() = default;

void Context::Builder::define(std::string_view term, std::string_view iri, bool prefix) {
  if (term.empty() || is_keyword(term) || core_context::is_term(term)) return;
  definitions_.insert_or_assign(std::string(term), Definition{std::string(iri), prefix});
}

void Context::Builder::vocabulary(std::string_view iri) {
  vocabulary_ = iri == kDefaultVocabulary ? std::string_view{} : iri;
}

ContextPtr Context::Builder::build() {
  if (definitions_.empty() && vocabulary_.empty()) return core();
  std::shared_ptr<Context> out(new Context);
  out->vocabulary_ = std::move(vocabulary_);
  const auto keep_better = [](Texts& texts, const std::string& key, const std::string& word) {
    const auto [at, fresh] = texts.try_emplace(key, word);
    if (!fresh && better(word, at->second)) at->second = word;
  };
  for (auto& [term, definition] : definitions_) {
    const std::string canonical = canonical_of(definition.iri);
    keep_better(out->inverse_, canonical, term);
    out->bytes_ += 2 * (term.size() + canonical.size()) + 160;
    if (definition.prefix) {
      keep_better(out->prefix_of_, definition.iri, term);
      out->bytes_ += 2 * (term.size() + definition.iri.size()) + 160;
      out->prefix_lengths_.push_back(definition.iri.size());
      out->prefixes_.emplace(term, std::move(definition.iri));
    }
    out->terms_.emplace(term, canonical);
  }
  std::ranges::sort(out->prefix_lengths_);
  const auto repeated = std::ranges::unique(out->prefix_lengths_);
  out->prefix_lengths_.erase(repeated.begin(), repeated.end());
  definitions_.clear();
  return out;
}

}  // namespace cityloop::twin
