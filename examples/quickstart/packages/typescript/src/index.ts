// Made by scripts/generate-sdk.sh from openapi.json.
export const paths = ["/notes"] as const;
