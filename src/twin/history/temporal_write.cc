#include "twin/history/temporal_write.h"

#include <algorithm>

#include "flow/own_types.h"
#include "store/record.h"

namespace cityloop::twin {
namespace {

using flow::Name;

// One id for all: none of them outlives its record.
const flow::EntityId kCarrier("urn:ngsi-ld:TemporalWrite:1");
const Name kOperation("operation"), kEntity("entity"), kContent("content"), kAttribute("attribute"),
    kDataset("dataset"), kEvery("every"), kInstance("instance");

std::string_view text_of(const flow::Change& change, Name name) {
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.now.name != name) continue;
    const auto* text = std::get_if<flow::Text>(&told.now.value);
    return text ? std::string_view(*text) : std::string_view{};
  }
  return {};
}

double number_of(const flow::Change& change, Name name) {
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.now.name != name) continue;
    const double* number = std::get_if<double>(&told.now.value);
    return number ? *number : -1;
  }
  return -1;
}

}  // namespace

std::vector<flow::Write> to_writes(const TemporalWrite& wish) {
  flow::Write made, gone;
  made.entity = gone.entity = kCarrier;
  made.mode = flow::WriteMode::create;
  gone.mode = flow::WriteMode::erase;
  made.types = {flow::kTemporalWriteType};
  flow::Entity content;
  content.id = wish.entity;
  content.types = wish.types;
  content.scopes = wish.scopes;
  content.attributes = wish.instances;
  content.created_at = content.modified_at = base::from_us(0);
  made.attributes.push_back(flow::property(kOperation, double(wish.operation)));
  made.attributes.push_back(flow::property(kEntity, std::string(wish.entity.text())));
  made.attributes.push_back(flow::property(kAttribute, std::string(wish.attribute.text())));
  made.attributes.push_back(flow::property(kDataset, std::string(wish.dataset.text())));
  made.attributes.push_back(flow::property(kEvery, wish.every_dataset ? 1.0 : 0.0));
  made.attributes.push_back(flow::property(kInstance, wish.instance_id));
  made.attributes.push_back(flow::property(kContent, store::encode(content)));
  return {made, gone};
}

bool is_temporal_write(const flow::Change& change) {
  return change.entity == kCarrier && change.kind == flow::ChangeKind::created;
}

base::Result<TemporalWrite> temporal_write_from(const flow::Change& change) {
  TemporalWrite out;
  const double operation = number_of(change, kOperation);
  if (operation < 0 || operation > double(TemporalOperation::erase_instance)) {
    return base::fail(base::Errc::corrupt, "a write to history has no operation");
  }
  out.operation = TemporalOperation(int(operation));
  out.entity = flow::EntityId(text_of(change, kEntity));
  out.attribute = Name(text_of(change, kAttribute));
  out.dataset = Name(text_of(change, kDataset));
  out.every_dataset = number_of(change, kEvery) == 1;
  out.instance_id = text_of(change, kInstance);
  auto content = TRY(store::decode_entity(text_of(change, kContent)));
  out.types = content.types;
  out.scopes = content.scopes;
  out.instances = std::move(content.attributes);
  return out;
}

}  // namespace cityloop::twin
