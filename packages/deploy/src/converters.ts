// Text of a configuration into values: `paste.deploy.converters`, and durations, sizes and more.
export { asBool, asDuration, asEnum, asFloat, asInt, asList, asSize, asText } from "@tsgi/core/settings";
