// What people and systems send to open a case, read from JSON, cleaned and checked: the one door of every channel.
//
//   POST /api/v1/cases ─▶ [NewCase] ─ Action("file") ─▶ casework
//
// Only what is named here enters the log. Who a reporter is and how they are reached is none of it: that is a table of
// the civic room, kept apart and erasable.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "flow/action.h"
#include "serve/city.h"

namespace cityloop::serve {

// By which ways a case comes in (flow::Case::channel).
bool is_channel(std::string_view);
bool is_photo_id(std::string_view);  // SHA-256 in hex

struct NewCase {
  std::string channel{"staff"};
  std::string kind;      // both may be empty in a report: somebody who takes it up says what it is
  std::string category;  // code of the category table
  flow::Bilingual title;
  std::string description;
  std::string address;
  std::string location;            // GeoJSON geometry within the city
  std::vector<std::string> media;  // ids of photos
  std::string about;               // the entity concerned
  std::string severity;            // as CAP has it; empty: moderate
  std::string department;
  std::string note;
  std::string external_id;  // of the system that sends it: the same id of the same sender is the same case
  bool report{false};       // waits in the inbox for somebody who takes it up or refuses it

  // Everything but channel, note and report, each text bounded and cleaned; Errc::invalid with the reason. Members that
  // are not named above are passed over.
  static base::Result<NewCase> read(const base::JsonValue& body, const City&);
  // As an action that the caller signs.
  flow::Action action() const;
};

// Whether a GeoJSON geometry lies in the city: its bounds, or some way around its centre where it has said none.
base::Status check_place(const City&, std::string_view geojson);

}  // namespace cityloop::serve
