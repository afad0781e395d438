// RuleEngine across time: a book that is exchanged while it runs, and checkpoints.
#include <algorithm>

#include "decide/rule/engine.h"
#include "decide/rule/engine_inside.h"
#include "flow/noun.h"
#include "store/record.h"

namespace cityloop::decide {
namespace {

constexpr std::uint8_t kVersion = 1;

base::Status damaged() {
  return base::fail(base::Errc::corrupt, "the rules' checkpoint is damaged");
}

void save_finding(base::ByteWriter& out, const flow::Finding& one) {
  out.text(store::encode(flow::entity_of(to_write(one))));
}

base::Result<flow::Finding> load_finding(base::ByteReader& in) {
  return flow::finding_from(TRY(store::decode_entity(in.text())));
}

}  // namespace

void RuleEngine::set_rules(RuleBookPtr next, const Prime& prime, twin::Outbox& out) {
  Inside& in = *inside_;
  in.desk->begin(out);
  const auto& old_rules = in.book->rules();
  std::vector<std::uint32_t> map(old_rules.size(), kNone);
  std::vector<std::unique_ptr<Watch>> kept(next->rules().size());
  std::vector<std::shared_ptr<Tally>> tallies(next->rules().size());
  std::vector<char> is_new(next->rules().size(), 1);
  for (std::size_t i = 0; i < old_rules.size(); ++i) {
    const Rule* const same = next->find(old_rules[i].id);
    if (same && same->identity == old_rules[i].identity) {
      map[i] = std::uint32_t(same - next->rules().data());
      is_new[map[i]] = 0;
      kept[map[i]] = std::move(in.watches[i]);
      tallies[map[i]] = in.tallies[i];
      continue;
    }
    const std::string_view reason = same ? "the rule was changed" : "the rule was removed";
    in.board->each(std::uint32_t(i), [&](Thing, Track& track) {
      if (track.finding != kNone) in.desk->close(track.finding, in.now, reason);
    });
  }
  for (auto& tally : tallies) {
    if (!tally) tally = std::make_shared<Tally>();
  }
  const std::unique_ptr<Board> before = std::move(in.board);
  in.assemble(std::move(next), std::move(kept), std::move(tallies));
  in.board->take_over(*before, map);
  for (std::size_t i = 0; i < in.watches.size(); ++i) in.watches[i]->loaded();
  in.rebuild_timers();
  in.prime_rules(is_new, prime);
  in.publish();
}

// What the board knows already is looked at as it is; the rest comes from `prime`.
void RuleEngine::Inside::prime_rules(const std::vector<char>& is_new, const Prime& prime) {
  std::vector<flow::Name> types;
  for (std::size_t i = 0; i < is_new.size(); ++i) {
    if (!is_new[i]) continue;
    for (const flow::Name type : board->layout().claims()[i].types) {
      if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    }
  }
  std::sort(types.begin(), types.end(), [](flow::Name a, flow::Name b) { return a.text() < b.text(); });
  std::vector<char> looked;
  for (const flow::Name type : types) {
    if (!prime) break;
    prime(type, [&](const flow::Entity& entity) {
      Thing thing = board->find(entity.id);
      if (thing == kNone) thing = enter(entity.id, entity.types);
      if (thing == kNone) return;
      if (looked.size() <= thing) looked.resize(thing + 1, 0);
      if (!std::exchange(looked[thing], 1)) look_anew(thing, is_new, &entity);
    });
  }
  looked.resize(board->things_end(), 0);
  for (Thing thing = 0; thing < looked.size(); ++thing) {
    if (board->is_used(thing) && !looked[thing]) look_anew(thing, is_new, nullptr);
  }
}

void RuleEngine::Inside::look_anew(Thing thing, const std::vector<char>& is_new, const flow::Entity* entity) {
  const Row row = board->row(thing);
  for (std::size_t column = 0; entity && column < row.shape->attributes.size(); ++column) {
    if (row.readings[column].known()) continue;
    const Ordinal wanted = row.shape->attributes[column];
    const flow::Attribute* const attribute = entity->find(board->layout().wanted()[wanted].name);
    if (!attribute) continue;
    const std::int64_t at = attribute->observed_at == kNever ? now : base::to_us(attribute->observed_at);
    if (at <= now + kAheadMax_us) store(row, Ordinal(column), *attribute, at);
  }
  const Moment m{thing, row, now, now};
  for (std::size_t place = 0; place < row.shape->rules.size(); ++place) {
    const std::uint32_t rule = row.shape->rules[place];
    Watch& watch = *watches[rule];
    if (watch.uses_place()) watch.moved(m);
    if (!is_new[rule]) continue;
    Track& track = row.tracks[place];
    watch.appear(track, m);
    for (const Ordinal attribute : board->layout().claims()[rule].triggers) {
      const Reading& reading = *row.reading(attribute);
      if (!reading.known() || !board->layout().claims()[rule].samples) continue;
      watch.sample(track, {thing, row, reading.observed_us, now}, attribute, reading.number);
    }
    watch.judge(track, m);
  }
  tell_dependents();
}

void RuleEngine::Inside::rebuild_timers() {
  around.timers.clear();
  for (std::uint32_t rule = 0; rule < watches.size(); ++rule) {
    board->each(rule, [&](Thing thing, Track& track) {
      const std::int64_t due = std::exchange(track.due, kNoDeadline);
      around.timers.ask(track, rule, thing, due);
    });
  }
}

void RuleEngine::save(base::ByteWriter& out) const {
  const Inside& in = *inside_;
  out.u8(kVersion);
  out.svarint(in.now);
  in.board->save(out);
  out.varint(in.orphans.size());
  for (const flow::Finding& orphan : in.orphans) save_finding(out, orphan);
  out.varint(in.watches.size());
  for (std::uint32_t rule = 0; rule < in.watches.size(); ++rule) in.save_rule(out, rule);
}

void RuleEngine::Inside::save_rule(base::ByteWriter& all, std::uint32_t rule) const {
  all.text(book->rules()[rule].id);
  all.text(book->rules()[rule].identity);
  base::ByteWriter out;  // its length first: a rule that is gone when it is read is passed over
  const Tally& tally = *tallies[rule];
  for (const auto* count : {&tally.opened, &tally.late, &tally.too_late, &tally.crowded_out}) out.varint(*count);
  std::vector<Thing> open;
  board->each(rule, [&](Thing thing, Track& track) {
    if (track.is_untouched()) return;
    out.varint(thing + 1);
    for (const std::int64_t at : {track.since, track.last, track.due, track.opened_ms}) out.svarint(at);
    out.u8(std::uint8_t(track.phase));
    out.u8(track.memory != kNone);
    if (track.memory != kNone) watches[rule]->save(out, track);
    if (track.finding != kNone) open.push_back(thing);
  });
  out.varint(0);
  all.text(out.view());
  all.varint(open.size());
  for (const Thing thing : open) {
    all.varint(thing);
    save_finding(all, desk->finding(board->track(thing, rule)->finding));
  }
}

base::Status RuleEngine::load(base::ByteReader& in) {
  Inside& inside = *inside_;
  const std::uint8_t version = in.u8();
  if (version != kVersion) {
    return base::fail(base::Errc::unsupported, "the rules' checkpoint has encoding {}, unknown here", version);
  }
  const std::size_t count = inside.book->rules().size();
  inside.desk->reset();
  inside.orphans.clear();
  inside.assemble(inside.book, std::vector<std::unique_ptr<Watch>>(count), inside.tallies);
  inside.now = in.svarint();
  TRY(inside.board->load(in));
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    inside.orphans.push_back(TRY(load_finding(in)));
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) TRY(inside.load_rule(in));
  if (!in.ok()) return damaged();
  for (auto& watch : inside.watches) watch->loaded();
  inside.rebuild_timers();
  return {};
}

base::Status RuleEngine::Inside::load_rule(base::ByteReader& all) {
  const std::string_view id = all.text();
  const std::string_view identity = all.text();
  base::ByteReader in(all.text());
  const Rule* const rule = book->find(id);
  const bool is_same = rule && rule->identity == identity;
  const auto ordinal = is_same ? std::uint32_t(rule - book->rules().data()) : kNone;
  if (is_same) {
    Tally& tally = *tallies[ordinal];
    for (auto* counter : {&tally.opened, &tally.late, &tally.too_late, &tally.crowded_out}) *counter = in.varint();
    tally.active = 0;
    for (std::uint64_t next = in.varint(); next != 0 && in.ok(); next = in.varint()) {
      Track* const track = board->is_used(Thing(next - 1)) ? board->track(Thing(next - 1), ordinal) : nullptr;
      if (!track) return damaged();
      for (std::int64_t* at : {&track->since, &track->last, &track->due, &track->opened_ms}) *at = in.svarint();
      track->phase = Phase(in.u8() & 3);
      if (in.u8() != 0) watches[ordinal]->load(in, *track);
    }
    if (!in.ok()) return damaged();
  }
  for (std::uint64_t left = all.varint(); left > 0 && all.ok(); --left) {
    const auto thing = Thing(all.varint());
    flow::Finding finding = TRY(load_finding(all));
    Track* const track = is_same && board->is_used(thing) ? board->track(thing, ordinal) : nullptr;
    if (!track) {
      orphans.push_back(std::move(finding));
      continue;
    }
    track->finding = desk->adopt(std::move(finding));
    tallies[ordinal]->active.fetch_add(1, std::memory_order_relaxed);
  }
  return {};
}

}  // namespace cityloop::decide
