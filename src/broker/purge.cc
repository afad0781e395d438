#include "broker/purge.h"

#include <algorithm>

#include "broker/write_answers.h"

namespace cityloop::broker {
namespace {

using flow::Name;

constexpr std::size_t kStep = 1000;

struct Purge {
  Tenant& tenant;
  std::string by;
  twin::EntityFilter filter;
  std::vector<Name> drop, keep;
  net::Reply reply;
};

std::optional<flow::Write> write_for(const Purge& purge, const flow::Entity& entity) {
  flow::Write out;
  out.entity = entity.id;
  out.mode = flow::WriteMode::erase;
  if (purge.drop.empty() && purge.keep.empty()) return out;
  out.mode = flow::WriteMode::erase_attributes;
  out.every_dataset = true;
  for (const flow::Attribute& attribute : entity.attributes) {
    const auto named = [&](const std::vector<Name>& list) {
      return std::ranges::find(list, attribute.name) != list.end();
    };
    const bool goes = purge.drop.empty() ? !named(purge.keep) : named(purge.drop);
    const bool told = std::ranges::find(out.attributes, attribute.name, &flow::Attribute::name) != out.attributes.end();
    if (goes && !told) out.attributes.push_back(flow::property(attribute.name, std::monostate{}));
  }
  if (out.attributes.empty()) return std::nullopt;
  return out;
}

void step(const std::shared_ptr<Purge>& purge) {
  const auto page = purge->tenant.twin.query(purge->filter);
  if (!page) return purge->reply(problem(page.error()));
  twin::Commit commit;
  commit.origin = Name(purge->by);
  for (const flow::EntityPtr& entity : page->entities) {
    if (auto write = write_for(*purge, *entity)) commit.writes.push_back(std::move(*write));
  }
  const bool erases = purge->drop.empty() && purge->keep.empty();
  const bool last = page->entities.size() < kStep;
  // What was erased is found no more; what has only lost attributes is still there and stays behind.
  if (!erases) purge->filter.offset += page->entities.size();
  purge->tenant.twin.submit(std::move(commit), [purge, last](const twin::CommitResult& result) {
    if (!result.status) return purge->reply(disk_problem(result.status.error()));
    if (last) return purge->reply(empty(204));
    step(purge);
  });
}

}  // namespace

void purge_matching(const Exchange& exchange, twin::EntityFilter filter, net::Reply reply) {
  filter.limit = kStep;
  filter.offset = 0;
  filter.public_only = true;
  auto purge = std::make_shared<Purge>(exchange.tenant, exchange.principal.id, std::move(filter), std::vector<Name>{},
                                       std::vector<Name>{}, std::move(reply));
  for (const auto& [parameter, list] : {std::pair("drop", &purge->drop), std::pair("keep", &purge->keep)}) {
    const auto text = exchange.argument(parameter);
    if (!text) continue;
    auto names = twin::parse_names(parameter, *text, exchange.context.get());
    if (!names) return purge->reply(problem(names.error()));
    *list = std::move(*names);
  }
  if (!purge->drop.empty() && !purge->keep.empty()) {
    return purge->reply(problem(400, "BadRequestData", "drop and keep exclude each other"));
  }
  step(purge);
}

}  // namespace cityloop::broker
