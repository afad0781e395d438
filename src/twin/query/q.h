// The query language `q` of NGSI-LD (ETSI GS CIM 009, clause 4.9): parsed once, asked many times, by many threads.
//
//   speed<50;status=="OK"      temperature>=20;(humidity<40|humidity>90)      address.city~="Aar.*"      !error
//   isIn{Building:floors}>3    speed==10..20,30                               address[city]=="Aarhus"
//   https://a.b/c.unitCode
//
// A name is a term or an IRI; a dot parts the names of a path. Of an IRI those dots are its own that stand before its
// last '/' or '#', or before another IRI's beginning: so every path has one reading.
//
// `;` binds closer than `|`. A comparison with what is not there is false, `!=` and `!~=` included. A list as value is
// equal when one of its elements is, unequal when none is. Dates and times compare as instants, never as texts. What
// an attribute stands for is the asker's business: an entity of the twin, or a rule's own table of values.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/entity.h"
#include "twin/context/context.h"
#include "twin/query/pattern.h"

namespace cityloop::twin {

// What a step of a path names when it names no attribute and no member.
enum class QMeta : std::uint8_t { none, observed_at, unit_code, dataset_id, created_at, modified_at, expires_at };

struct QStep {
  std::string text;
  flow::Name name;
  QMeta meta{QMeta::none};
  bool operator==(const QStep&) const = default;
};

struct QPath;

// attr{Building,House:name}: the path is asked of the entities that the relationship points to, if of one of the types.
struct QLink {
  std::vector<flow::Name> types;  // empty: of any
  std::shared_ptr<const QPath> path;
  bool operator==(const QLink&) const = default;
};

struct QPath {
  flow::Name attribute;
  QMeta meta{QMeta::none};      // createdAt, modifiedAt and expiresAt of the entity itself
  std::vector<QStep> below;     // a.b: a sub-attribute, a member of its metadata, or a member of its value
  std::vector<QStep> trailing;  // a[b.c]: inside a compound value, or a language
  std::optional<QLink> link;
  bool plain() const { return below.empty() && trailing.empty() && meta == QMeta::none && !link; }
  bool operator==(const QPath&) const = default;
};

enum class QOperator : std::uint8_t {
  exists,
  equal,
  unequal,
  greater,
  greater_equal,
  less,
  less_equal,
  pattern,
  no_pattern
};

enum class QValueKind : std::uint8_t { number, text, boolean, instant, time_of_day };

struct QValue {
  QValueKind kind{QValueKind::number};
  bool boolean{false};
  double number{};
  std::int32_t rest{};  // what a whole number is beyond the nearest double (base/number.h)
  std::string text;     // a quoted text or a URI
  std::int64_t us{};    // instant: since 1970; time_of_day: since midnight
  bool is_time{false};  // a quoted text that is also an instant, in `us`

  base::Number exact() const {
    base::Number out(number);
    out.rest = rest;
    return out;
  }
};

struct QOperand {
  QValue low;
  std::optional<QValue> high;  // low..high, both included
};

enum class QKind : std::uint8_t { all, any, term };

// A node: all or any of its parts, or one term.
struct QTerm {
  QKind kind{QKind::term};
  std::vector<QTerm> parts;
  QPath path;
  QOperator op{QOperator::exists};
  bool absent{false};              // !attr
  std::vector<QOperand> operands;  // any of them
  std::optional<Pattern> pattern;
};

// What a rules engine can do without asking us: one attribute against one number.
struct SimpleComparison {
  flow::Name attribute;
  QOperator op{QOperator::equal};  // equal … less_equal
  double value{};
  // A value that is no number is unequal to every number, and in no order to it.
  bool holds(double v) const {
    switch (op) {
      case QOperator::equal: return v == value;
      case QOperator::unequal: return v != value;
      case QOperator::greater: return v > value;
      case QOperator::greater_equal: return v >= value;
      case QOperator::less: return v < value;
      case QOperator::less_equal: return v <= value;
      default: return false;
    }
  }
};

// How names and values of a query are read.
struct QReading {
  const Context* context{nullptr};  // null: the core context
  // Attributes whose values are words of the @context (expandValues); such a word needs no quotes.
  std::vector<flow::Name> expand_values;
};

class Q {
 public:
  // Finds the entities that relationships point to; null when there is none.
  using Linked = std::function<flow::EntityPtr(flow::EntityId)>;

  // Refuses with the position (counted in characters from 1) and what was expected there. Bounded: 16 KiB of text, 64
  // brackets within one another, 1,000 terms, 1,000 values in a list.
  static base::Result<Q> parse(std::string_view, const QReading& = {});

  // True when one instance of an attribute (datasetId) makes it so. Without `linked`, what lies behind a relationship
  // is not there.
  bool matches(const flow::Entity&, const Linked* linked = nullptr) const;
  // How many relationships it follows from an entity; 0 when it asks of no linked entity.
  int link_depth() const;
  bool has_links() const { return link_depth() > 0; }
  // Asks of something besides the times that the system keeps of an entity: enough to be asked alone (clause 5.7.2.4).
  bool names_attribute() const;
  // The same over a table: gives the value of an attribute, or null when it is not known. Metadata and sub-attributes
  // are not known there; members of compound values are.
  using Lookup = std::function<const flow::Value*(flow::Name)>;
  bool matches(const Lookup&) const;

  const std::string& text() const { return text_; }
  std::vector<flow::Name> attributes() const;  // every attribute that is asked about, each once, sorted by text
  const QTerm& root() const { return *root_; }

  // The whole query as `attr OP number`, or as such comparisons joined by `;`; nothing when it is anything else.
  std::optional<SimpleComparison> simple() const;
  std::optional<std::vector<SimpleComparison>> conjunction() const;

 private:
  std::string text_;
  std::shared_ptr<const QTerm> root_;
};

std::string_view to_string(QOperator);  // "==", ">=", …; empty for exists
// createdAt, modifiedAt, deletedAt, expiresAt: what entities have without being given it.
bool is_system_attribute(std::string_view name);

}  // namespace cityloop::twin
