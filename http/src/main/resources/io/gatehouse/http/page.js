// validatorUrl: the library would ask another server whether the document is valid.
SwaggerUIBundle({
  url: "/gateway/v2/docs",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
});
